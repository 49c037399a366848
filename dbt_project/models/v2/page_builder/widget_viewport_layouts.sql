select
    id,
    null::timestamptz as created_at,
    null::timestamptz as updated_at,
    widget_id,
    viewport,
    grid_position,
    coalesce(visible, true) as visible
from {{ ref('definition_widget_viewport_layouts') }}
