{# Income holds every amount of its sources, once: per source the rows and the sum agree, exactly. #}
{% test income_sources(model) %}
    with expected (source, entries, amount) as (
        select 'transaction_financials', count(*), sum(financials.gci)
        from {{ ref('transaction_financials') }} as financials
        inner join {{ ref('transaction') }} as deals on deals.id = financials.transaction_id
        where deals.status = 'Closed' and financials.gci is not null and deals.transaction_owner_agent_id is not null
        union all
        select 'contribution', count(*), sum(amount) from {{ ref('contribution') }}
        where receiving_agent_id is not null and upper(status) is distinct from 'VOID' and amount is not null
        union all
        select 'revshare_payment', count(*), sum(amount) from {{ ref('revshare_payment') }}
        where agent_id is not null and amount is not null
    ),

    found (source, entries, amount) as (
        select source, count(*), sum(amount) from {{ model }} where source <> 'equity_monthly' group by source
    )

    select source, expected.entries, found.entries as found_entries
    from expected
    full join found using (source)
    where (coalesce(expected.entries, 0), coalesce(expected.amount, 0))
        is distinct from (coalesce(found.entries, 0), coalesce(found.amount, 0))
{% endtest %}


{# On every credited side of a deal the shares add up to 1, and the volumes to the price. #}
{% test sides_add_up(model) %}
    select credit.transaction_id, credit.side
    from {{ model }} as credit
    inner join {{ ref('transaction') }} as deals on deals.id = credit.transaction_id
    where credit.units is not null
    group by credit.transaction_id, credit.side, deals.sale_price
    having sum(credit.side_share) <> 1 or sum(credit.volume) is distinct from deals.sale_price
{% endtest %}
