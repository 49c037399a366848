{# An element is an object, or just the address of the picture. Without an address there is no photo. #}
with elements as (
    select
        landed.key,
        element.value as element,
        element.seq::integer as seq,
        case when jsonb_typeof(element.value) = 'object' then element.value else '{}'::jsonb end as payload
    from {{ source('staging_v1', 'listing') }} as landed
    cross join {{ array_elements("landed.payload -> 'photos'") }} with ordinality as element (value, seq)
),

photos as (
    {{ extract('elements', declared_columns(model), within='photos', keep=['seq', 'element']) }}
),

located as (
    select
        photos.*,
        coalesce(
            photos.url,
            case when jsonb_typeof(photos.element) = 'string' then nullif(btrim(photos.element #>> '{}'), '') end
        ) as address,
        coalesce(photos.position, photos.seq) as place
    from photos
)

select
    {{ surrogate(['located.key', 'located.seq']) }} as id,
    located.key as listing_id,
    located.address as url,
    located.caption,
    located.place as position,
    located.place = 1 as is_primary,
    located.width,
    located.height,
    located.uploaded_at
from located
where located.address is not null
