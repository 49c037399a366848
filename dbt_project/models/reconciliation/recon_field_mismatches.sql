select
    table_name,
    key,
    column_name,
    kind,
    v1_value,
    v2_value,
    accepted,
    reason
from {{ ref('recon_differences') }}
where check_name = 'field_mismatches'
