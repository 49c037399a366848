select
    id,
    null::timestamptz as created_at,
    section_id,
    chart_catalog_id,
    chart_key,
    grid_position,
    config_overrides,
    coalesce(is_visible, true) as is_visible,
    sort_order
from {{ ref('definition_page_widgets') }}
