{#
    V1 keeps a listing's changes in an array; an older document has none. Such a listing has one entry: what it is,
    from the day it was listed. What a live source tells otherwise than V1, or than it told when last looked at, is a
    change too: observed once, and kept by this table itself.
#}
{% set v1_columns = [
    helper_column('stage', 'text', ['stage', 'status']),
    helper_column('closed', 'boolean', 'closed', default='false'),
    helper_column('terminated', 'boolean', 'terminated', default='false'),
    helper_column('list_price', 'numeric(14,2)', ['price', 'price_amount']),
    helper_column('listing_date', 'date', ['listingDate', 'list_date'], 'moment')
] %}
{% set change_id = surrogate(
    ['told_now.listing_id', 'told_now.status', 'told_now.price', 'told_now.changed_at']
) %}

with {{ elements_of('listing', 'history') }},

changes as (
    {{ extract('elements', declared_columns(model), within='history', keep=['seq']) }}
),

documents as (
    {{ extract(source('staging_v1', 'listing'), v1_columns) }}
),

v1_values as (
    select
        doc.key as listing_id,
        {{ listing_status('doc.stage', 'doc.closed', 'doc.terminated') }} as status,
        doc.list_price,
        doc.listing_date,
        coalesce(jsonb_typeof(doc.payload -> 'history') = 'array', false) as has_changes
    from documents as doc
),

told_by_v1 as (
    select
        changes.key as listing_id,
        changes.seq,
        coalesce(changes.status, v1_values.status) as status,
        changes.old_status,
        changes.price,
        changes.old_price,
        changes.changed_at
    from changes
    inner join v1_values on v1_values.listing_id = changes.key
    union all
    select
        listing_id,
        1,
        status,
        null,
        list_price,
        null,
        listing_date::timestamp at time zone '{{ var("business_timezone") }}'
    from v1_values
    where not has_changes and listing_date is not null
),

kept as (
    {{ observed_so_far(['id', 'listing_id', 'status', 'old_status', 'price', 'old_price', 'changed_at', '_source']) }}
),

-- What was last known of a listing: what was observed last, else what V1 says.
last_kept as (
    select distinct on (listing_id)
        listing_id,
        status,
        price
    from kept
    order by listing_id, changed_at desc, id desc
),

told_now as (
    select
        listings.id as listing_id,
        listings.status,
        case when last_kept.listing_id is null then v1_values.status else last_kept.status end as old_status,
        listings.list_price as price,
        case when last_kept.listing_id is null then v1_values.list_price else last_kept.price end as old_price,
        coalesce(
            case when v1_values.listing_id is null and last_kept.listing_id is null then listings.created_at end,
            listings.updated_at
        ) as changed_at,
        listings._source
    from {{ ref('listing') }} as listings
    left join v1_values on v1_values.listing_id = listings.id
    left join last_kept on last_kept.listing_id = listings.id
    where listings._source <> 'v1'
),

observed as (
    select
        kept.id,
        kept.listing_id,
        kept.status,
        kept.old_status,
        kept.price,
        kept.old_price,
        kept.changed_at,
        kept._source
    from kept
    inner join {{ ref('listing') }} as listings on listings.id = kept.listing_id
    union
    select
        {{ change_id }},
        told_now.listing_id,
        told_now.status,
        told_now.old_status,
        told_now.price,
        told_now.old_price,
        told_now.changed_at,
        told_now._source
    from told_now
    where
        (
            told_now.status is distinct from told_now.old_status
            or told_now.price <> coalesce(told_now.old_price, 0)
        )
        -- A source that goes back to what it said at an older moment tells nothing that is not written down.
        and {{ change_id }} not in (select kept.id from kept)
),

ends as (
    select
        listing_id,
        max(seq) as seq
    from told_by_v1
    group by listing_id
)

select
    {{ surrogate(['told_by_v1.listing_id', 'told_by_v1.seq']) }} as id,
    told_by_v1.listing_id,
    told_by_v1.seq,
    told_by_v1.status,
    told_by_v1.old_status,
    told_by_v1.price,
    told_by_v1.old_price,
    told_by_v1.changed_at,
    'v1' as _source
from told_by_v1
union all
select
    observed.id,
    observed.listing_id,
    (coalesce(ends.seq, 0) + row_number() over (
        partition by observed.listing_id order by observed.changed_at, observed.id
    ))::integer,
    observed.status,
    observed.old_status,
    observed.price,
    observed.old_price,
    observed.changed_at,
    observed._source
from observed
left join ends on ends.listing_id = observed.listing_id
