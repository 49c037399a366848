{#
    Each measure of each mart beside the total of what it was computed from. `built_at` is when Postgres last
    analyzed the table, which is part of building it.
#}
with totals as (
    {% for mart in ['agg_agent_monthly', 'agg_leaderboard', 'agg_transactions_weekly', 'agg_fub_activity'] %}
    {{ 'union all' if not loop.first }}
    select
        '{{ mart }}'::text as mart,
        measures.*
    from ({{ mart_totals(mart) }}) as measures
    {% endfor %}
),

marts as (
    select
        'agg_agent_monthly'::text as mart,
        count(*) as rows,
        max(month) as newest_period
    from {{ ref('agg_agent_monthly') }}
    union all
    select
        'agg_leaderboard',
        count(*),
        {{ as_of() }}
    from {{ ref('agg_leaderboard') }}
    union all
    select
        'agg_transactions_weekly',
        count(*),
        max(week_start)
    from {{ ref('agg_transactions_weekly') }}
    union all
    select
        'agg_fub_activity',
        count(*),
        max(month)
    from {{ ref('agg_fub_activity') }}
)

select
    totals.mart,
    totals.measure,
    marts.rows,
    marts.newest_period,
    totals.source_total,
    totals.mart_total,
    totals.mart_total - totals.source_total as difference,
    case
        when totals.mart_total is distinct from totals.source_total then 'differs'
        when marts.rows = 0 then 'empty'
        else 'tied out'
    end as status,
    statistics.last_analyze as built_at
from totals
inner join marts on marts.mart = totals.mart
left join pg_stat_user_tables as statistics
    on statistics.relname = totals.mart and statistics.schemaname = '{{ ref('agg_leaderboard').schema }}'
