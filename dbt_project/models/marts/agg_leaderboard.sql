with credits as (
    {{ credits() }}
),

periods as (
    {{ time_periods() }}
),

-- The windows overlap: a credit counts in every one its day lies in.
totals as (
    select
        periods.time_period,
        credits.status,
        credits.agent_id,
        sum(credits.units)::numeric(14, 6) as units,
        sum(credits.volume)::numeric(14, 2) as volume,
        sum(credits.gross_commission)::numeric(14, 2) as gci,
        count(distinct credits.transaction_id) as transaction_count
    from credits
    inner join periods on credits.day between periods.first_day and periods.last_day
    group by periods.time_period, credits.status, credits.agent_id
),

boards as (
    select
        null::bigint as team_id,
        totals.*
    from totals
    union all
    select
        agents.team_id,
        totals.*
    from totals
    inner join {{ ref('agent') }} as agents on agents.id = totals.agent_id
    where agents.team_id is not null
)

select
    time_period,
    status,
    team_id,
    agent_id,
    units,
    volume,
    gci,
    transaction_count,
    rank() over (board order by units desc nulls last) as rank_units,
    rank() over (board order by volume desc nulls last) as rank_volume,
    rank() over (board order by gci desc nulls last) as rank_gci
from boards
window board as (partition by time_period, status, team_id)
