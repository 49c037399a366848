select
    id,
    null::timestamptz as created_at,
    page_id,
    tab_id,
    name,
    subtitle,
    layout,
    sort_order
from {{ ref('definition_page_sections') }}
