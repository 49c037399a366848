with jobs as (
    {{ counted_jobs() }}
)

-- What the children of a job are worth stands in their own rows.
select
    stage,
    record_type_name,
    count(*) as job_count,
    sum(coalesce(approved_estimate_total, last_estimate))::numeric(14, 2) as pipeline_value,
    avg({{ as_of() }} - created_day)::numeric(9, 2) as average_age_days,
    count(*) filter (where is_won) as won_count,
    count(*) filter (where is_lost) as lost_count
from jobs
where not is_archived
group by stage, record_type_name
