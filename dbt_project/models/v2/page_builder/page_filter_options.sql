select
    id,
    null::timestamptz as created_at,
    filter_id,
    value,
    label,
    coalesce(is_default, false) as is_default,
    sort_order
from {{ ref('definition_page_filter_options') }}
