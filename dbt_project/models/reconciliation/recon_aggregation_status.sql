{#
    Each measure of each mart beside the total of what it was computed from. `built_at` is when Postgres last
    analyzed the table, which is part of building it.
#}
with marts (mart, row_count, newest_period) as (
    select
        'agg_agent_monthly'::text,
        count(*),
        max(month)
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
),

totals as (
    select
        'agg_agent_monthly'::text as mart,
        measures.*
    from ({{ mart_totals('agg_agent_monthly') }}) as measures
    union all
    select
        'agg_leaderboard',
        measures.*
    from ({{ mart_totals('agg_leaderboard') }}) as measures
    union all
    select
        'agg_transactions_weekly',
        measures.*
    from ({{ mart_totals('agg_transactions_weekly') }}) as measures
    union all
    select
        'agg_fub_activity',
        measures.*
    from ({{ mart_totals('agg_fub_activity') }}) as measures
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
        when totals.mart_total <> totals.source_total then 'differs'
        when marts.row_count = 0 then 'empty'
        else 'tied out'
    end as status,
    statistics.last_analyze as built_at
from totals
inner join marts on marts.mart = totals.mart
left join pg_stat_user_tables as statistics
    on statistics.relname = totals.mart and statistics.schemaname = '{{ ref('agg_leaderboard').schema }}'
