{#
    Each measure of each mart beside the total of what it was computed from. `built_at` is when Postgres last
    analyzed the table, which is part of building it.
#}
{% set newest_period = {
    'agg_agent_monthly': 'month',
    'agg_leaderboard': none,
    'agg_transactions_weekly': 'week_start',
    'agg_fub_activity': 'month',
    'agg_revenue_monthly': 'month',
    'agg_pipeline_by_stage': none,
    'agg_stage_velocity': none,
    'agg_rep_performance': 'month',
    'agg_lead_source_performance': 'month',
    'agg_job_cash_flow': none,
    'agg_cohort_activation': 'week_start',
    'agg_cohort_engagement': 'week_start',
    'agg_vanity_metrics_monthly': 'month',
    'customer_data': none,
    'agg_property_occupancy': 'snapshot_date',
    'agg_property_exposure': 'snapshot_date',
    'agg_property_pricing': 'snapshot_date',
    'agg_property_delinquency': 'snapshot_date',
    'agg_property_leasing_funnel': 'month',
    'agg_property_activity': 'month',
    'agg_property_summary': 'snapshot_date',
    'agg_portfolio_summary': 'snapshot_date',
    'agg_property_coverage': none
} %}
with marts (mart, row_count, newest_period) as (
    {% for mart, period in newest_period.items() %}
        select
            '{{ mart }}'::text,
            count(*),
            {{ 'max(' ~ period ~ ')' if period else as_of() }}
        from {{ ref(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

totals as (
    {% for mart in newest_period %}
        select
            '{{ mart }}'::text as mart,
            measures.*
        from ({{ mart_totals(mart) }}) as measures
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    totals.mart,
    totals.measure,
    marts.row_count as rows,
    marts.newest_period,
    totals.source_total,
    totals.mart_total,
    totals.mart_total - totals.source_total as difference,
    case
        when (totals.mart_total is distinct from totals.source_total) then 'differs'
        when marts.row_count = 0 then 'empty'
        else 'tied out'
    end as status,
    statistics.last_analyze as built_at
from totals
inner join marts on marts.mart = totals.mart
left join pg_stat_user_tables as statistics
    on statistics.relname = totals.mart and statistics.schemaname = '{{ ref('agg_leaderboard').schema }}'
