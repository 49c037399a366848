select
    id,
    null::timestamptz as created_at,
    name,
    slug,
    icon,
    description,
    coalesce(is_published, true) as is_published,
    sort_order
from {{ ref('definition_pages') }}
