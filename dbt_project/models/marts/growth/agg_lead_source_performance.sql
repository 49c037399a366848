-- A lead, its jobs and what was paid for them stand in the month the lead came in.
with homeowners as (
    select
        jnid,
        lead_source,
        {{ business_day('date_created') }} as day,
        {{ contact_is_lead() }} as is_lead
    from {{ ref('contacts') }}
),

jobs as (
    select
        jobs.jnid,
        jobs.contact_id,
        jobs.is_deleted,
        jobs.is_test,
        coalesce(homeowners.lead_source, jobs.lead_source) as lead_source,
        coalesce(homeowners.day, {{ business_day('jobs.date_created') }}) as day,
        {{ day_so_far('jobs.date_sold') }} as sold_day
    from {{ ref('jobs') }} as jobs
    left join homeowners on homeowners.jnid = jobs.contact_id
),

won as (
    select
        contact_id,
        lead_source,
        day
    from jobs
    where sold_day is not null and not is_deleted and not is_test
),

facts as (
    select
        lead_source,
        day,
        'lead' as fact,
        homeowners.jnid in (select won.contact_id from won) as is_converted,
        null::numeric as amount
    from homeowners
    where is_lead
    union all
    select
        lead_source,
        day,
        'won',
        false,
        null
    from won
    union all
    select
        coalesce(jobs.lead_source, homeowners.lead_source),
        coalesce(jobs.day, homeowners.day, shares.day),
        'paid',
        false,
        shares.amount
    from ({{ counted_shares() }}) as shares
    left join jobs on jobs.jnid = shares.job_id
    left join homeowners on homeowners.jnid = shares.contact_id and shares.job_id is null
)

select
    lead_source,
    date_trunc('month', day)::date as month,
    count(*) filter (where fact = 'lead') as leads,
    count(*) filter (where fact = 'won') as jobs_won,
    {{ rate("count(*) filter (where is_converted)", "count(*) filter (where fact = 'lead')") }} as conversion,
    ({{ sum_or_zero('amount', "fact = 'paid'") }})::numeric(14, 2) as revenue_collected
from facts
group by lead_source, date_trunc('month', day)
