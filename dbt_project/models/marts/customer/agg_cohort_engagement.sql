{# Weeks go from the day somebody signed up, not from Monday: for those of a Sunday each begins six days later. #}
with members as (
    {{ customer_members() }}
),

doings as (
    {{ customer_doings() }}
),

lines as (
    {{ customer_lines() }}
),

told as (
    {{ customer_told() }}
),

uploads as (
    {{ customer_uploads() }}
),

activity as (
    select
        user_id,
        event_type as kind,
        day
    from doings
    where event_type in ('login', 'dashboard_access')
    union all
    select
        user_id,
        'upload',
        day
    from uploads
),

active as (
    select
        members.week_start,
        (activity.day - members.signup_day) / 7 as week_number,
        count(distinct members.user_id) filter (where activity.kind = 'login') as users_logged_in,
        count(distinct members.user_id) filter (where activity.kind = 'dashboard_access') as users_on_dashboard,
        count(distinct members.user_id) filter (where activity.kind = 'upload') as users_uploading
    from members
    inner join activity on activity.user_id = members.user_id and activity.day >= members.signup_day
    group by members.week_start, (activity.day - members.signup_day) / 7
),

cohorts as (
    select
        members.week_start,
        weeks.week_number,
        count(*) as cohort_size
    from members
    inner join generate_series(0, 11) as weeks (week_number)
        on members.week_start + 7 * weeks.week_number <= {{ as_of() }}
    group by members.week_start, weeks.week_number
)

select
    cohorts.week_start,
    cohorts.week_number as weeks_since_signup,
    cohorts.cohort_size,
    case when told.logins then coalesce(active.users_logged_in, 0) end as users_logged_in,
    case when told.dashboards then coalesce(active.users_on_dashboard, 0) end as users_on_dashboard,
    case when told.uploads then coalesce(active.users_uploading, 0) end as users_uploading,
    case
        when told.logins then coalesce(active.users_logged_in, 0)::numeric / cohorts.cohort_size
    end::numeric(9, 6) as retention
from cohorts
cross join told
left join active
    on active.week_start = cohorts.week_start and active.week_number = cohorts.week_number
