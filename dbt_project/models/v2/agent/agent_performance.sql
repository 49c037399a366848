{% set credited %}
    select
        credit.agent_id,
        sum(credit.volume) as volume,
        sum(credit.gross_commission) as gci
    from {{ ref('transaction_participants') }} as credit
    inner join {{ ref('transaction') }} as deals on deals.id = credit.transaction_id
    where
        credit.units is not null
        and deals.status = 'Closed'
        and {{ business_day('deals.closing_date') }} <= {{ as_of() }}
    group by credit.agent_id
{% endset %}

{{ v2_entity(
    'agent',
    parents={'agent': 'agent'},
    lookups={'credited': credited},
    joins='left join credited on credited.agent_id = doc.id',
    computed={'closed_volume': 'credited.volume', 'gci': 'credited.gci', 'as_of': as_of()}
) }}
