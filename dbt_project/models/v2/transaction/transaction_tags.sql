with landed as (
    select
        key::bigint as transaction_id,
        payload -> 'tags' as tags
    from {{ source('staging_v1', 'transaction') }}
),

listed as (
    select
        landed.transaction_id,
        element.value #>> '{}' as tag
    from landed
    cross join {{ array_elements('landed.tags') }} as element
    where jsonb_typeof(element.value) = 'string'
    union all
    select
        landed.transaction_id,
        part.tag
    from landed
    cross join lateral regexp_split_to_table(
        case when jsonb_typeof(landed.tags) = 'string' then landed.tags #>> '{}' end, ','
    ) as part (tag)
),

distinct_tags as (
    select distinct
        transaction_id,
        btrim(tag, e' \t\r\n') as tag
    from listed
    where btrim(tag, e' \t\r\n') <> ''
),

-- Of two tags of one name the older one.
known_tags as (
    select
        lower(btrim(payload ->> 'name', e' \t\r\n')) as name,
        min(key::bigint) as tag_id
    from {{ source('staging_v1', 'tags') }}
    group by lower(btrim(payload ->> 'name', e' \t\r\n'))
)

select
    {{ surrogate(['distinct_tags.transaction_id', 'distinct_tags.tag']) }} as id,
    distinct_tags.transaction_id,
    known_tags.tag_id,
    distinct_tags.tag
from distinct_tags
left join known_tags on known_tags.name = lower(distinct_tags.tag)
