{# Who went on past a step completed it; who completed the onboarding completed all of them, whatever last_step says. #}
with members as (
    {{ customer_members() }}
),

onboarding as (
    {{ customer_onboarding() }}
),

told as (
    {{ customer_told() }}
),

steps as (
    select
        step,
        max(label) filter (where flow = '{{ var("customer_onboarding_flow") }}') as label
    from {{ ref('customer_onboarding_steps') }}
    group by step
),

positions as (
    select
        members.week_start,
        coalesce(onboarding.last_step, 0) as last_step,
        coalesce(onboarding.is_completed, false) as is_completed
    from members
    left join onboarding on onboarding.user_id = members.user_id
),

counted as (
    select
        positions.week_start,
        steps.step,
        steps.label,
        count(*) as cohort_size,
        count(*) filter (where positions.is_completed or positions.last_step >= steps.step) as reached,
        count(*) filter (where not positions.is_completed and positions.last_step = steps.step) as dropped
    from positions
    cross join steps
    group by positions.week_start, steps.step, steps.label
)

select
    counted.week_start,
    counted.step as onboarding_step,
    counted.label as step_label,
    counted.cohort_size,
    case when told.questions then counted.reached end as reached,
    case when told.questions then counted.reached - counted.dropped end as completed,
    case when told.questions then counted.dropped end as dropped,
    case
        when told.questions then (counted.reached - counted.dropped)::numeric / counted.cohort_size
    end::numeric(9, 6) as completion_rate
from counted
cross join told
