with events as (
    select
        _dlt_load_id as load_id,
        request ->> 'object' as object,
        request ->> 'jnid' as jnid,
        request ? 'gone' as is_gone,
        extracted_at,
        {{ epoch_moment("payload -> 'date_updated'") }} as updated_at,
        row_number() over versions = 1 as is_first
    from {{ source('staging_jobnimbus', 'jobnimbus_raw_events') }}
    window versions as (partition by request ->> 'object', request ->> 'jnid' order by extracted_at, key)
)

select
    load_id,
    object,
    count(*) as events,
    count(*) filter (where is_first) as new_objects,
    count(distinct jnid) filter (where not is_first and not is_gone) as changed_objects,
    count(distinct jnid) filter (where is_gone) as gone_objects,
    min(extracted_at) as first_extracted_at,
    max(extracted_at) as last_extracted_at,
    max(updated_at) as newest_update_at
from events
group by load_id, object
