{#
    V1 keeps a listing's changes in an array; an older document has none. Such a listing has one entry: what it is,
    from the day it was listed.
#}
with {{ elements_of('listing', 'history') }},

changes as (
    {{ extract('elements', declared_columns(model), within='history', keep=['seq']) }}
)

select
    {{ surrogate(['changes.key', 'changes.seq']) }} as id,
    changes.key as listing_id,
    changes.seq,
    coalesce(changes.status, listings.status) as status,
    changes.old_status,
    changes.price,
    changes.old_price,
    changes.changed_at
from changes
inner join {{ ref('listing') }} as listings on listings.id = changes.key
union all
select
    {{ surrogate(['listings.id', '1']) }},
    listings.id,
    1,
    listings.status,
    null,
    listings.list_price,
    null,
    listings.listing_date::timestamp at time zone '{{ var("business_timezone") }}'
from {{ ref('listing') }} as listings
inner join {{ source('staging_v1', 'listing') }} as landed on landed.key = listings.id::text
where
    jsonb_typeof(landed.payload -> 'history') is distinct from 'array'
    and listings.listing_date is not null
