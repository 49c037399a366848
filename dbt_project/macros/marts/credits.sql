{#
    What every brokerage mart counts: one row a credited side of a deal, with the status and the business day it
    counts under. A closed deal counts on its closing, a pending one on its contract, a listed one on its listing
    date; any other status, a missing date, or one after `as_of`, counts nowhere.
    Columns: transaction_id, agent_id, side, status (closed, pending, listed), day, transaction_type, sale_price,
    units, volume, gross_commission, net_payout, contract_day.
#}
{% macro credits() -%}
    select
        credit.transaction_id,
        credit.agent_id,
        credit.side,
        counted.status,
        counted.day,
        deals.transaction_type,
        deals.sale_price,
        credit.units,
        credit.volume,
        credit.gross_commission,
        credit.net_payout,
        {{ business_day('deals.contract_date') }} as contract_day
    from {{ ref('transaction_participants') }} as credit
    inner join {{ ref('transaction') }} as deals on deals.id = credit.transaction_id
    cross join lateral (
        values
        (
            case deals.status
                when 'Closed' then 'closed' when 'Pending' then 'pending' when 'Active' then 'pending'
                when 'Listed' then 'listed'
            end,
            {{ business_day("
                case deals.status
                    when 'Closed' then deals.closing_date when 'Pending' then deals.contract_date
                    when 'Active' then deals.contract_date when 'Listed' then deals.listing_date
                end
            ") }}
        )
    ) as counted (status, day)
    where credit.units is not null and counted.day <= {{ as_of() }}
{%- endmacro %}


{# The first business day of each leaderboard window and its last: rows (time_period, first_day, last_day). #}
{% macro time_periods() -%}
    select
        named.time_period,
        named.first_day::date as first_day,
        named.last_day::date as last_day
    from (select {{ as_of() }}::timestamp as today) as clock
    cross join lateral (
        values
        ('mtd', date_trunc('month', clock.today), clock.today),
        ('qtd', date_trunc('quarter', clock.today), clock.today),
        ('ytd', date_trunc('year', clock.today), clock.today),
        (
            'last_month',
            date_trunc('month', clock.today) - interval '1 month', date_trunc('month', clock.today) - interval '1 day'
        ),
        (
            'last_quarter',
            date_trunc('quarter', clock.today) - interval '3 months', date_trunc('quarter', clock.today) - interval '1 day'
        ),
        (
            'last_year',
            date_trunc('year', clock.today) - interval '1 year', date_trunc('year', clock.today) - interval '1 day'
        ),
        ('last_12_months', clock.today - interval '12 months' + interval '1 day', clock.today),
        ('all_time', timestamp '-infinity', clock.today)
    ) as named (time_period, first_day, last_day)
{%- endmacro %}
