select
    id,
    null::timestamptz as created_at,
    page_id,
    name,
    slug,
    icon,
    coalesce(is_default, false) as is_default,
    sort_order
from {{ ref('definition_page_tabs') }}
