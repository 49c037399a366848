select
    table_name as v1_table,
    column_name as json_path,
    check_name,
    documents,
    example_type,
    first_seen,
    accepted,
    reason
from {{ ref('recon_live_unmapped_fields') }}
