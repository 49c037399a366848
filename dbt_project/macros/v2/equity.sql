{#
    What each agent's shares did by month or by year, out of V1's equity transactions: one row a period in which
    something happened. Shares held = granted - exercised - forfeited; vesting says which of them are the agent's.
    Columns: agent_id, user_id (of the newest transaction), period (its first day), granted, vested, exercised,
    forfeited, dividends, paid_out (value of what vested or was paid as a dividend), total_shares, total_vested,
    last_price.
#}
{% macro equity_by_period(period) -%}
    select
        summed.*,
        sum(summed.granted - summed.exercised - summed.forfeited) over until_then as total_shares,
        sum(summed.vested) over until_then as total_vested,
        first_value(summed.price) over (
            partition by summed.agent_id, summed.prices_seen order by summed.period
        ) as last_price
    from (
        select
            ledger.agent_id,
            ledger.period,
            (array_agg(ledger.user_id order by ledger.transaction_date desc, ledger.key desc))[1] as user_id,
            {%- for column, kind in {'granted': 'Grant', 'vested': 'Vest', 'exercised': 'Exercise', 'forfeited': 'Forfeit'}.items() %}
            coalesce(sum(ledger.amount) filter (where ledger.kind = '{{ kind }}'), 0) as {{ column }},
            {%- endfor %}
            coalesce(sum(ledger.value) filter (where ledger.kind = 'Dividend'), 0) as dividends,
            sum(ledger.value) filter (where ledger.kind in ('Vest', 'Dividend')) as paid_out,
            (array_agg(ledger.price order by ledger.transaction_date desc, ledger.key desc) filter (
                where ledger.price is not null
            ))[1] as price,
            count(max(ledger.price)) over (partition by ledger.agent_id order by ledger.period) as prices_seen
        from (
            select
                documents.*,
                initcap(documents.transaction_type) as kind,
                date_trunc('{{ period }}', {{ business_day('documents.transaction_date') }}::timestamp)::date as period
            from (
                {{ extract(source('staging_v1', 'equity_transactions'), [
                    helper_column('agent_id', 'bigint', 'agent_id', 'null_if_zero'),
                    helper_column('user_id', 'bigint', 'user_id', 'null_if_zero'),
                    helper_column('transaction_date', 'timestamptz', 'transaction_date', 'epoch_ms'),
                    helper_column('transaction_type', 'text', 'transaction_type'),
                    helper_column('amount', 'numeric(18,6)', 'amount'),
                    helper_column('price', 'numeric(18,6)', 'price'),
                    helper_column('value', 'numeric(14,2)', 'value')
                ]) }}
            ) as documents
        ) as ledger
        where ledger.period is not null and ledger.agent_id in (select key::bigint from {{ source('staging_v1', 'agent') }})
        group by ledger.agent_id, ledger.period
    ) as summed
    window until_then as (partition by summed.agent_id order by summed.period)
{%- endmacro %}
