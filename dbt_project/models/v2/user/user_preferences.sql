with documents as (
    {{ extract(source('staging_v1', 'user'), declared_columns(model)) }}
),

pages as (
    select
        documents.user_id,
        documents.updated_at,
        page.key as page_key,
        page.value as preference
    from documents
    cross join {{ object_fields("documents.payload -> 'preferences'") }} as page
)

select
    {{ surrogate(['user_id', 'page_key']) }} as id,
    user_id,
    page_key,
    nullif(btrim(preference ->> 'view_mode'), '') as view_mode,
    case
        when preference -> 'table_settings' not in ('""', '{}', '[]', 'null') then preference -> 'table_settings'
    end as table_settings,
    updated_at
from pages
