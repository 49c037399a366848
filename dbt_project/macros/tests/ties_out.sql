{# Every measure of a mart that can be tied out equals what it was computed from, exactly. `mart` is the model's name. #}
{% test ties_out(model, mart) %}
    select totals.measure, totals.source_total, totals.mart_total
    from ({{ mart_totals(mart) }}) as totals
    where totals.source_total is distinct from totals.mart_total
{% endtest %}


{#
    Totals of a mart's measures beside those of the entities, summed there without going through the mart's own
    steps: rows (measure, source_total, mart_total).
#}
{% macro mart_totals(mart) %}
    {% if mart == 'agg_agent_monthly' %}{% set measures = agent_monthly_measures() %}
    {% elif mart == 'agg_leaderboard' %}{% set measures = leaderboard_measures() %}
    {% elif mart == 'agg_transactions_weekly' %}{% set measures = transactions_weekly_measures() %}
    {% elif mart == 'agg_fub_activity' %}{% set measures = fub_activity_measures() %}
    {% elif mart.startswith('agg_property_') or mart == 'agg_portfolio_summary' %}{% set measures = property_measures(mart) %}
    {% elif mart == 'customer_data' or mart.startswith('agg_cohort_') or mart.startswith('agg_vanity_') %}
        {% set measures = customer_measures(mart) %}
    {% else %}{% set measures = growth_measures(mart) %}
    {% endif %}
    {% if measures is not mapping %}{{ exceptions.raise_compiler_error("No totals are known for the mart '" ~ mart ~ "'.") }}{% endif %}
    {% for measure, totals in measures.items() %}
        {{ 'union all' if not loop.first }}
        select
            '{{ measure }}'::text as measure,
            ({{ totals[0] }})::numeric as source_total,
            ({{ totals[1] }})::numeric as mart_total
    {% endfor %}
{% endmacro %}


{# The sum of a credit over the deals of a status whose date is known and not after the day computed for. #}
{% macro credited_total(what, statuses, date) -%}
    select coalesce(sum({{ what }}), 0)
    from {{ ref('transaction_participants') }} as credit
    inner join {{ ref('transaction') }} as deals on deals.id = credit.transaction_id
    where deals.status in ('{{ statuses | join("', '") }}') and credit.units is not null
        and {{ business_day('deals.' ~ date) }} <= {{ as_of() }}
{%- endmacro %}

{% macro mart_total(mart, what, where='true') -%}
    select coalesce(sum({{ what }}), 0) from {{ ref(mart) }} where {{ where }}
{%- endmacro %}


{% macro agent_monthly_measures() %}
    {% set mart, closed, pending = 'agg_agent_monthly', ['Closed'], ['Pending', 'Active'] %}
    {% set listings %}
        select count(*) from {{ ref('listing') }}
        where not is_demo and agent_id is not null and
    {%- endset %}
    {{ return({
        'closed_units': (credited_total('units', closed, 'closing_date'), mart_total(mart, 'closed_units')),
        'closed_volume': (credited_total('volume', closed, 'closing_date'), mart_total(mart, 'closed_volume')),
        'gci': (credited_total('credit.gross_commission', closed, 'closing_date'), mart_total(mart, 'gci')),
        'net_commission': (credited_total('credit.net_payout', closed, 'closing_date'), mart_total(mart, 'net_commission')),
        'buyer_and_seller_units': (
            credited_total('units', closed, 'closing_date'), mart_total(mart, 'buyer_units + seller_units')
        ),
        'pending_units': (credited_total('units', pending, 'contract_date'), mart_total(mart, 'pending_units')),
        'pending_volume': (credited_total('volume', pending, 'contract_date'), mart_total(mart, 'pending_volume')),
        'listings_taken': (listings ~ ' listing_date <= ' ~ as_of(), mart_total(mart, 'listings_taken')),
        'listings_closed': (
            listings ~ " status = 'Closed' and closed_at <= " ~ as_of(), mart_total(mart, 'listings_closed')
        )
    }) }}
{% endmacro %}


{% macro leaderboard_measures() %}
    {% set counted = {
        'closed': (['Closed'], 'closing_date'), 'pending': (['Pending', 'Active'], 'contract_date'),
        'listed': (['Listed'], 'listing_date')
    } %}
    {% set measures = {} %}
    {% for status, (statuses, date) in counted.items() %}
        {% for name, column in {'units': 'units', 'volume': 'volume', 'gci': 'credit.gross_commission'}.items() %}
            {% do measures.update({status ~ '_' ~ name: (
                credited_total(column, statuses, date),
                mart_total('agg_leaderboard', name, "time_period = 'all_time' and team_id is null and status = '" ~ status ~ "'")
            )}) %}
        {% endfor %}
    {% endfor %}
    {{ return(measures) }}
{% endmacro %}


{% macro transactions_weekly_measures() %}
    {% set mart, closed = 'agg_transactions_weekly', "status = 'closed'" %}
    {{ return({
        'closed_deals': (deals_total(['Closed'], 'closing_date'), mart_total(mart, 'transaction_count', closed)),
        'closed_volume': (credited_total('volume', ['Closed'], 'closing_date'), mart_total(mart, 'volume', closed)),
        'closed_gci': (
            credited_total('credit.gross_commission', ['Closed'], 'closing_date'), mart_total(mart, 'gci', closed)
        ),
        'pending_volume': (
            credited_total('volume', ['Pending', 'Active'], 'contract_date'), mart_total(mart, 'volume', "status = 'pending'")
        ),
        'listed_volume': (
            credited_total('volume', ['Listed'], 'listing_date'), mart_total(mart, 'volume', "status = 'listed'")
        )
    }) }}
{% endmacro %}


{# Deals of these statuses in which somebody is credited. #}
{% macro deals_total(statuses, date) -%}
    select count(*)
    from {{ ref('transaction') }} as deals
    where deals.status in ('{{ statuses | join("', '") }}')
        and {{ business_day('deals.' ~ date) }} <= {{ as_of() }}
        and exists (
            select from {{ ref('transaction_participants') }} as credit
            where credit.transaction_id = deals.id and credit.units is not null
        )
{%- endmacro %}


{# Rows, or a sum, of a Follow Up Boss table up to the day computed for. #}
{% macro happened(table, moment, what='count(*)', where='true') -%}
    select {{ what }} from {{ ref(table) }} where {{ business_day(moment) }} <= {{ as_of() }} and {{ where }}
{%- endmacro %}

{% macro fub_activity_measures() %}
    {% set mart = 'agg_fub_activity' %}
    {{ return({
        'calls': (happened('fub_calls', 'fub_created_at'), mart_total(mart, 'calls_made + calls_received')),
        'calls_connected': (
            happened('fub_calls', 'fub_created_at', where='is_connected'), mart_total(mart, 'calls_connected')
        ),
        'talk_seconds': (
            happened('fub_calls', 'fub_created_at', what='coalesce(sum(duration), 0)'), mart_total(mart, 'talk_seconds')
        ),
        'texts': (happened('fub_text_messages', 'sent_at'), mart_total(mart, 'texts_sent + texts_received')),
        'appointments_set': (happened('fub_appointments', 'start_at'), mart_total(mart, 'appointments_set')),
        'appointments_held': (
            happened('fub_appointments', 'start_at', where='is_held'), mart_total(mart, 'appointments_held')
        ),
        'events': (happened('fub_events', 'occurred_at'), mart_total(mart, 'events')),
        'new_leads': (happened('fub_people', 'fub_created_at'), mart_total(mart, 'new_leads'))
    }) }}
{% endmacro %}
