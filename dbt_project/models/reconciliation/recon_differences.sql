select
    table_name,
    key,
    v1_key,
    column_name,
    check_name,
    kind,
    v1_value,
    v2_value,
    accepted,
    reason
from {{ ref('recon_live_differences') }}
