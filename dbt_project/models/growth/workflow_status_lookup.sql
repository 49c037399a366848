select
    record_type as record_type_name,
    status_name,
    stage,
    sort_order,
    is_won,
    is_lost,
    is_closed
from {{ ref('jobnimbus_stages') }}
