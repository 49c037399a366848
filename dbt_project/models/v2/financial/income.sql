{#
    Everything an agent earned, from its four sources: commission on his own closed deals, revenue share as it
    accrues (contribution) and as it is paid out (revshare_payment), and equity that vested or paid a dividend.
    Accrual and payout tell of the same money: sum over one `source`, never over both.
#}
{% set midnight = "::timestamp at time zone '" ~ var('business_timezone') ~ "'" %}

with equity as (
    {{ equity_by_period('month') }}
),

earned as (
    select
        {{ surrogate(["'GCI'", 'deals.id']) }} as id,
        deals.user_id,
        deals.transaction_owner_agent_id as agent_id,
        deals.id as transaction_id,
        null::bigint as contribution_id,
        deals.listing_id,
        null::bigint as revshare_payment_id,
        'GCI' as income_type,
        'transaction_financials' as source,
        financials.gci as amount,
        deals.status,
        deals.closing_date as income_date,
        'Commission on ' || coalesce(deals.address, deals.rezen_code, 'deal ' || deals.id) as description,
        deals.is_demo
    from {{ ref('transaction') }} as deals
    inner join {{ ref('transaction_financials') }} as financials on financials.transaction_id = deals.id
    where deals.status = 'Closed' and financials.gci is not null
    union all
    select
        {{ surrogate([
            "case when upper(contribution.contribution_type) = 'BONUS' then 'Bonus' else 'RevShare' end",
            "'contribution'", 'contribution.id'
        ]) }},
        contribution.user_id,
        contribution.receiving_agent_id,
        contribution.transaction_id,
        contribution.id,
        deals.listing_id,
        null,
        case when upper(contribution.contribution_type) = 'BONUS' then 'Bonus' else 'RevShare' end,
        'contribution',
        contribution.amount,
        contribution.status,
        contribution.contribution_date,
        coalesce(contribution.notes, contribution.contribution_type),
        contribution.is_demo
    from {{ ref('contribution') }} as contribution
    left join {{ ref('transaction') }} as deals on deals.id = contribution.transaction_id
    where upper(contribution.status) is distinct from 'VOID'
    union all
    select
        {{ surrogate(["'RevShare'", "'revshare_payment'", 'payment.id']) }},
        payment.user_id,
        payment.agent_id,
        null,
        null,
        null,
        payment.id,
        'RevShare',
        'revshare_payment',
        payment.amount,
        payment.status,
        payment.payment_date,
        coalesce(payment.notes, 'Revenue share payment ' || payment.payment_reference),
        false
    from {{ ref('revshare_payment') }} as payment
    union all
    select
        {{ surrogate(["'Equity'", 'monthly.id']) }},
        monthly.user_id,
        monthly.agent_id,
        null,
        null,
        null,
        null,
        'Equity',
        'equity_monthly',
        equity.paid_out,
        'Vested',
        (make_date(monthly.period_year, monthly.period_month, 1) + interval '1 month' - interval '1 day'){{ midnight }},
        'Equity of ' || to_char(equity.period, 'YYYY-MM'),
        false
    from {{ ref('equity_monthly') }} as monthly
    inner join equity
        on
            equity.agent_id = monthly.agent_id
            and equity.period = make_date(monthly.period_year, monthly.period_month, 1)
    where equity.paid_out is not null
)

select
    id,
    user_id,
    agent_id,
    transaction_id,
    contribution_id,
    listing_id,
    revshare_payment_id,
    income_type,
    source,
    amount,
    status,
    income_date,
    extract(month from {{ business_day('income_date') }})::integer as period_month,
    extract(year from {{ business_day('income_date') }})::integer as period_year,
    description,
    is_demo
from earned
where agent_id is not null and amount is not null
