with periods as (
    {{ equity_by_period('year') }}
),

{{ known_ids({'user': 'user'}) }}

select
    {{ surrogate(['periods.agent_id', 'extract(year from periods.period)::integer']) }} as id,
    {{ known_or_null('periods.user_id', 'user') }} as user_id,
    periods.agent_id,
    extract(year from periods.period)::integer as period_year,
    periods.total_shares::double precision as total_shares,
    periods.total_vested::double precision as vested_shares,
    (periods.total_shares - periods.total_vested)::double precision as unvested_shares,
    round(periods.total_shares * periods.last_price, 2)::numeric(14, 2) as total_value,
    periods.granted::double precision as grants_this_year,
    periods.vested::double precision as vested_this_year,
    periods.exercised::double precision as exercised_this_year,
    periods.forfeited::double precision as forfeited_this_year,
    periods.dividends::numeric(14, 2) as dividends_earned,
    {{ as_of() }}::timestamp at time zone '{{ var("business_timezone") }}' as calculated_at
from periods
