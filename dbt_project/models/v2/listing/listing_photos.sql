{# An element is an object, or just the address of the picture. Without an address there is no photo. #}
with {{ elements_of('listing', 'photos') }},

photos as (
    {{ extract('elements', declared_columns(model), within='photos', keep=['seq']) }}
),

located as (
    select
        photos.*,
        coalesce(
            photos.url,
            case when jsonb_typeof(photos.payload) = 'string' then nullif(btrim(photos.payload #>> '{}'), '') end
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
