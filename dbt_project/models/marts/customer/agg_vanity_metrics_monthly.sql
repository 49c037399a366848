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

-- From the first signup to the month computed for, without gaps.
months as (
    select month::date as month
    from generate_series(
        (select date_trunc('month', min(signup_day)::timestamp) from members),
        date_trunc('month', {{ as_of() }}::timestamp),
        interval '1 month'
    ) as month
),

signups as (
    select
        date_trunc('month', signup_day)::date as month,
        count(*) as new_users
    from members
    group by date_trunc('month', signup_day)::date
),

logins as (
    select
        date_trunc('month', doings.day)::date as month,
        count(distinct doings.user_id) as mau
    from doings
    inner join members on members.user_id = doings.user_id
    where doings.event_type = 'login'
    group by date_trunc('month', doings.day)::date
),

uploaded as (
    select
        date_trunc('month', lines.day)::date as month,
        count(*) as transactions,
        count(distinct lines.bank) as unique_banks
    from lines
    inner join members on members.user_id = lines.user_id
    group by date_trunc('month', lines.day)::date
)

select
    months.month,
    (sum(coalesce(signups.new_users, 0)) over (order by months.month))::bigint as total_users,
    coalesce(signups.new_users, 0) as new_users,
    case when told.logins then coalesce(logins.mau, 0) end as mau,
    case when told.lines then coalesce(uploaded.transactions, 0) end as transactions,
    case when told.lines then coalesce(uploaded.unique_banks, 0) end as unique_banks
from months
cross join told
left join signups on signups.month = months.month
left join logins on logins.month = months.month
left join uploaded on uploaded.month = months.month
