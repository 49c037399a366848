select
    table_name,
    key,
    column_name,
    v1_value as raw_value,
    accepted,
    reason
from {{ ref('recon_differences') }}
where check_name = 'rejected_values'
