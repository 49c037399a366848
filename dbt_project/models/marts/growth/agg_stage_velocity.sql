with changes as (
    select
        jobs.record_type_name,
        history.job_id,
        history.stage,
        history.changed_at,
        history.id,
        lag(history.stage) over (partition by history.job_id order by history.changed_at, history.id) as stage_before
    from {{ ref('job_status_history') }} as history
    inner join ({{ counted_jobs() }}) as jobs on jobs.jnid = history.job_id
    where {{ business_day('history.changed_at') }} <= {{ as_of() }}
),

-- Statuses of one stage are one stay in it.
stays as (
    select
        record_type_name,
        stage as from_stage,
        lead(stage) over (partition by job_id order by changed_at, id) as to_stage,
        extract(epoch from lead(changed_at) over (partition by job_id order by changed_at, id) - changed_at) as seconds
    from changes
    where stage is distinct from stage_before
)

select
    record_type_name,
    from_stage,
    to_stage,
    count(*) as transitions,
    (avg(seconds) / 86400)::numeric(9, 2) as average_days,
    (percentile_cont(0.5) within group (order by seconds)::numeric / 86400)::numeric(9, 2) as median_days,
    (percentile_cont(0.9) within group (order by seconds)::numeric / 86400)::numeric(9, 2) as p90_days
from stays
where to_stage is not null
group by record_type_name, from_stage, to_stage
