with credits as (
    {{ credits() }}
),

deal_months as (
    select
        agent_id,
        date_trunc('month', day)::date as month,
        count(*) filter (where status = 'closed') as closed_credits,
        sum(units) filter (where status = 'closed') as closed_units,
        sum(volume) filter (where status = 'closed') as closed_volume,
        sum(gross_commission) filter (where status = 'closed') as gci,
        sum(net_payout) filter (where status = 'closed') as net_commission,
        sum(units) filter (where status = 'closed' and side = 'buy') as buyer_units,
        sum(units) filter (where status = 'closed' and side = 'sell') as seller_units,
        count(*) filter (where status = 'pending') as pending_credits,
        sum(units) filter (where status = 'pending') as pending_units,
        sum(volume) filter (where status = 'pending') as pending_volume
    from credits
    where status in ('closed', 'pending')
    group by agent_id, date_trunc('month', day)
),

-- A deal of both sides has one price.
prices as (
    select
        agent_id,
        month,
        avg(sale_price) as average_sale_price
    from (
        select distinct
            agent_id,
            transaction_id,
            date_trunc('month', day)::date as month,
            sale_price
        from credits
        where status = 'closed'
    ) as closed_deals
    group by agent_id, month
),

listing_days as (
    select
        agent_id,
        listing_date as day,
        1 as taken,
        0 as closed
    from {{ ref('listing') }}
    where not is_demo
    union all
    select
        agent_id,
        closed_at,
        0,
        1
    from {{ ref('listing') }}
    where not is_demo and status = 'Closed'
),

listing_months as (
    select
        agent_id,
        date_trunc('month', day)::date as month,
        sum(taken) as listings_taken,
        sum(closed) as listings_closed
    from listing_days
    where agent_id is not null and day <= {{ as_of() }}
    group by agent_id, date_trunc('month', day)
),

agent_months as (
    select
        deal_months.*,
        coalesce(deal_months.agent_id, listing_months.agent_id) as for_agent_id,
        coalesce(deal_months.month, listing_months.month) as for_month,
        listing_months.listings_taken,
        listing_months.listings_closed
    from deal_months
    full join listing_months
        on listing_months.agent_id = deal_months.agent_id and listing_months.month = deal_months.month
),

-- The agent's cap year that contains the month's last day, so far.
cap_years as (
    select
        agent_months.for_agent_id as agent_id,
        agent_months.for_month as month,
        month_end.day as last_day,
        coalesce(
            {{ last_anniversary('coalesce(agents.anniversary_date, agents.join_date)', 'month_end.day') }},
            date_trunc('year', month_end.day)::date
        ) as first_day
    from agent_months
    inner join {{ ref('agent') }} as agents on agents.id = agent_months.for_agent_id
    cross join lateral (
        select least((agent_months.for_month + interval '1 month' - interval '1 day')::date, {{ as_of() }}) as day
    ) as month_end
),

owned_deals as (
    select
        deals.transaction_owner_agent_id as agent_id,
        {{ business_day('deals.closing_date') }} as day,
        financials.cap_contribution
    from {{ ref('transaction') }} as deals
    inner join {{ ref('transaction_financials') }} as financials on financials.transaction_id = deals.id
    where deals.status = 'Closed' and not deals.is_demo
),

caps as (
    select
        cap_years.agent_id,
        cap_years.month,
        case when count(owned_deals.agent_id) = 0 then 0 else sum(owned_deals.cap_contribution) end as cap_paid
    from cap_years
    left join owned_deals
        on
            owned_deals.agent_id = cap_years.agent_id
            and owned_deals.day between cap_years.first_day and cap_years.last_day
    group by cap_years.agent_id, cap_years.month
)

-- Nothing that could be summed is 0; sums over rows that all lack the value stay null.
select
    agent_months.for_agent_id as agent_id,
    agent_months.for_month as month,
    coalesce(agent_months.closed_units, 0)::numeric(14, 6) as closed_units,
    case when agent_months.closed_credits > 0 then agent_months.closed_volume else 0 end::numeric(14, 2)
        as closed_volume,
    case when agent_months.closed_credits > 0 then agent_months.gci else 0 end::numeric(14, 2) as gci,
    case when agent_months.closed_credits > 0 then agent_months.net_commission else 0 end::numeric(14, 2)
        as net_commission,
    coalesce(agent_months.buyer_units, 0)::numeric(14, 6) as buyer_units,
    coalesce(agent_months.seller_units, 0)::numeric(14, 6) as seller_units,
    prices.average_sale_price::numeric(14, 2) as average_sale_price,
    coalesce(agent_months.pending_units, 0)::numeric(14, 6) as pending_units,
    case when agent_months.pending_credits > 0 then agent_months.pending_volume else 0 end::numeric(14, 2)
        as pending_volume,
    coalesce(agent_months.listings_taken, 0) as listings_taken,
    coalesce(agent_months.listings_closed, 0) as listings_closed,
    caps.cap_paid::numeric(14, 2) as cap_paid,
    -- greatest() would take 0 for an unknown cap
    case
        when cap_data.annual_cap - caps.cap_paid < 0 then 0
        else cap_data.annual_cap - caps.cap_paid
    end::numeric(14, 2) as cap_remaining
from agent_months
left join prices
    on prices.agent_id = agent_months.for_agent_id and prices.month = agent_months.for_month
left join caps on caps.agent_id = agent_months.for_agent_id and caps.month = agent_months.for_month
left join {{ ref('agent_cap_data') }} as cap_data on cap_data.agent_id = agent_months.for_agent_id
