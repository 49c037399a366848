with jobs as (
    {{ counted_jobs() }}
),

losses as (
    select
        job_id,
        max(changed_at) as lost_at
    from {{ ref('job_status_history') }}
    where is_lost and {{ business_day('changed_at') }} <= {{ as_of() }}
    group by job_id
),

facts as (
    select
        sales_rep_id,
        {{ business_day('date_created') }} as day,
        'lead' as fact,
        null::numeric as amount
    from {{ ref('contacts') }}
    where {{ contact_is_lead() }}
    union all
    select
        sales_rep_id,
        created_day,
        'made',
        null
    from jobs
    union all
    select
        sales_rep_id,
        sold_day,
        'won',
        approved_estimate_total
    from jobs
    where sold_day is not null
    union all
    select
        jobs.sales_rep_id,
        {{ business_day('losses.lost_at') }},
        'lost',
        null
    from jobs
    inner join losses on losses.job_id = jobs.jnid
    where jobs.is_lost
    union all
    select
        sales_rep_id,
        day,
        'paid',
        amount
    from ({{ counted_shares() }}) as shares
)

select
    sales_rep_id,
    date_trunc('month', day)::date as month,
    count(*) filter (where fact = 'lead') as leads,
    count(*) filter (where fact = 'made') as jobs_created,
    count(*) filter (where fact = 'won') as jobs_won,
    {{ rate("count(*) filter (where fact = 'won')", "count(*) filter (where fact in ('won', 'lost'))") }} as win_rate,
    ({{ sum_or_zero('amount', "fact = 'won'") }})::numeric(14, 2) as sold_value,
    ({{ sum_or_zero('amount', "fact = 'paid'") }})::numeric(14, 2) as revenue_collected
from facts
group by sales_rep_id, date_trunc('month', day)
