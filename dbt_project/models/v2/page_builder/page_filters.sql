select
    id,
    null::timestamptz as created_at,
    page_id,
    tab_id,
    filter_type,
    filter_key,
    label,
    placeholder,
    default_value,
    coalesce(is_visible, true) as is_visible,
    coalesce(is_required, false) as is_required,
    sort_order
from {{ ref('definition_page_filters') }}
