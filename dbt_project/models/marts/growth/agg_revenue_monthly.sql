with shares as (
    {{ counted_shares() }}
),

months as (
    select
        date_trunc('month', day)::date as month,
        record_type_name,
        sum(amount) as revenue,
        count(distinct payment_id) as payment_count
    from shares
    group by date_trunc('month', day), record_type_name
)

select
    months.month,
    months.record_type_name,
    months.revenue::numeric(14, 2) as revenue,
    months.payment_count,
    sum(months.revenue) over (
        partition by months.record_type_name, date_trunc('year', months.month)
        order by months.month
    )::numeric(14, 2) as revenue_ytd,
    year_before.revenue::numeric(14, 2) as prior_year_revenue,
    {{ rate('months.revenue - year_before.revenue', 'year_before.revenue') }} as growth
from months
left join months as year_before
    on
        year_before.month = (months.month - interval '1 year')::date
        and year_before.record_type_name is not distinct from months.record_type_name
