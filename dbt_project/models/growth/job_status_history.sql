{#
    Two tell of changes: every version of a job says its status and since when; an activity says which status a job came
    to. What both tell within TOLERANCE seconds is one change, as it was observed first, the job's word before the
    activity's. A status that follows itself is no change.
#}
{% set tolerance = 10 %}

with job_versions as (
    select
        request ->> 'jnid' as job_id,
        payload ->> 'record_type_name' as record_type_name,
        {{ epoch_number("payload -> 'record_type'") }}::bigint as record_type,
        {{ epoch_number("payload -> 'status'") }}::bigint as status_id,
        payload ->> 'status_name' as status_name,
        {{ epoch_moment("payload -> 'date_created'") }} as created_at,
        {{ epoch_moment("payload -> 'date_updated'") }} as updated_at,
        {{ epoch_moment("payload -> 'date_status_change'") }} as status_changed_at,
        extracted_at,
        key,
        _dlt_load_id as load_id
    from {{ source('staging_jobnimbus', 'jobnimbus_raw_events') }}
    where request ->> 'object' = 'job' and not request ? 'gone'
),

-- In the order they were true. A status without a moment is the one the job was made with, or came with an edit.
told_by_jobs as (
    select
        *,
        coalesce(
            status_changed_at,
            case when row_number() over versions = 1 then coalesce(created_at, updated_at) else updated_at end
        ) as changed_at
    from job_versions
    window versions as (partition by job_id order by extracted_at, updated_at, key)
),

told_by_activities as (
    select distinct on (request ->> 'jnid')
        request ->> 'jnid' as activity_id,
        payload #>> '{primary,id}' as job_id,
        {{ epoch_number("payload #> '{primary,new_status}'") }}::bigint as status_id,
        {{ epoch_moment("payload -> 'date_created'") }} as changed_at,
        payload ->> 'note' as note,
        extracted_at,
        _dlt_load_id as load_id
    from {{ source('staging_jobnimbus', 'jobnimbus_raw_events') }}
    where
        request ->> 'object' = 'activity' and not request ? 'gone'
        and payload #>> '{primary,type}' = 'job' and payload #> '{primary,new_status}' is not null
        and (payload -> 'is_status_change' = 'true' or payload ->> 'record_type_name' = 'Job Created')
    order by request ->> 'jnid', extracted_at, key
),

-- Ids are per workflow, a workflow's number is its record type's. Names as they were told last.
workflow_statuses as (
    select distinct on (events.payload -> 'id', statuses.value -> 'id')
        {{ epoch_number("events.payload -> 'id'") }}::bigint as record_type,
        {{ epoch_number("statuses.value -> 'id'") }}::bigint as status_id,
        statuses.value ->> 'name' as status_name,
        events.extracted_at
    from {{ source('staging_jobnimbus', 'jobnimbus_raw_events') }} as events
    cross join {{ array_elements("events.payload -> 'status'") }} as statuses
    where events.request ->> 'object' = 'workflow' and events.payload ->> 'object_type' = 'job'
    order by events.payload -> 'id', statuses.value -> 'id', events.extracted_at desc, events.key desc
),

-- A type without a workflow of its own uses another's; jobs name the ids no workflow knows any more.
statuses_by_id as (
    select distinct on (status_id)
        status_id,
        status_name
    from (
        select
            status_id,
            status_name,
            1 as preference,
            extracted_at
        from workflow_statuses
        union all
        select
            status_id,
            status_name,
            2,
            extracted_at
        from job_versions
    ) as named
    where status_id is not null and status_name is not null
    order by status_id, preference, extracted_at desc, status_name
),

-- An activity does not say the job's record type: it is that of the first version no older than it, else of the last.
timeline as (
    select
        job_id,
        updated_at as moment,
        true as is_version,
        key as told_in,
        record_type,
        record_type_name,
        null::bigint as status_id,
        null as note,
        extracted_at,
        load_id
    from job_versions
    union all
    select
        job_id,
        changed_at,
        false,
        activity_id,
        null,
        null,
        status_id,
        note,
        extracted_at,
        load_id
    from told_by_activities
),

numbered_timeline as (
    select
        *,
        greatest(
            count(*) filter (where is_version)
                over (partition by job_id order by moment desc nulls last, is_version desc, told_in),
            1
        ) as version
    from timeline
),

typed_timeline as (
    select
        job_id,
        moment as changed_at,
        is_version,
        told_in as activity_id,
        status_id,
        note,
        extracted_at,
        load_id,
        first_value(record_type) over version_first as record_type,
        first_value(record_type_name) over version_first as record_type_name
    from numbered_timeline
    window version_first as (partition by job_id, version order by is_version desc)
),

observations as (
    select
        job_id,
        record_type_name,
        status_id,
        status_name,
        changed_at,
        null as activity_id,
        extracted_at,
        load_id
    from told_by_jobs
    union all
    select
        activities.job_id,
        activities.record_type_name,
        activities.status_id,
        coalesce(
            workflow_statuses.status_name,
            statuses_by_id.status_name,
            btrim(
                substring(regexp_replace(activities.note, '<[^>]*>', '', 'g') from '(?i)status.*\mto\M:?\s(.*)'),
                e' ."\n'
            )
        ),
        activities.changed_at,
        activities.activity_id,
        activities.extracted_at,
        activities.load_id
    from typed_timeline as activities
    left join workflow_statuses
        on workflow_statuses.record_type = activities.record_type and workflow_statuses.status_id = activities.status_id
    left join statuses_by_id on statuses_by_id.status_id = activities.status_id
    where not activities.is_version
),

-- What landed together was observed together, however long the reading took.
observed as (
    select
        *,
        coalesce(status_name, status_id::text) as status,
        min(extracted_at) over (partition by load_id) as observed_at
    from observations
    where changed_at is not null and coalesce(status_name, status_id::text) is not null
),

gaps as (
    select
        *,
        changed_at - lag(changed_at) over (partition by job_id, status order by changed_at)
        <= interval '{{ tolerance }} seconds' as is_told_again
    from observed
),

numbered as (
    select
        *,
        count(*) filter (where is_told_again is not true)
            over (partition by job_id, status order by changed_at) as change
    from gaps
),

changes as (
    select distinct on (job_id, status, change) *
    from numbered
    order by job_id, status, change, observed_at, activity_id nulls first, changed_at
),

in_order as (
    select
        *,
        lag(status) over (partition by job_id order by changed_at, observed_at, status) as status_before
    from changes
)

select
    {{ surrogate(["in_order.job_id", "in_order.status", "extract(epoch from in_order.changed_at)::bigint"]) }} as id,
    jobs.jnid as job_id,
    in_order.job_id as job_id_raw,
    in_order.record_type_name,
    in_order.status_id,
    in_order.status_name,
    coalesce(lookup.stage, 'Unmapped') as stage,
    lookup.is_won,
    lookup.is_lost,
    lookup.is_closed,
    in_order.changed_at,
    case when in_order.activity_id is null then 'job' else 'activity' end as told_by,
    in_order.activity_id,
    in_order.observed_at
from in_order
left join ({{ jobnimbus_ids('job') }}) as jobs on jobs.jnid = in_order.job_id
left join {{ ref('workflow_status_lookup') }} as lookup
    on lookup.record_type_name = in_order.record_type_name and lookup.status_name = in_order.status_name
where in_order.status is distinct from in_order.status_before
