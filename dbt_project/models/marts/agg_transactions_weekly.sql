with credits as (
    {{ credits() }}
),

-- First a deal, so that one with several credited agents counts once.
deals as (
    select
        transaction_id,
        date_trunc('week', day)::date as week_start,
        status,
        transaction_type,
        sale_price,
        case when status = 'closed' then day - contract_day end as days_to_close,
        sum(volume) as volume,
        sum(gross_commission) as gci
    from credits
    group by transaction_id, day, status, transaction_type, sale_price, contract_day
)

select
    week_start,
    status,
    transaction_type,
    count(*) as transaction_count,
    sum(volume)::numeric(14, 2) as volume,
    sum(gci)::numeric(14, 2) as gci,
    avg(sale_price)::numeric(14, 2) as average_sale_price,
    avg(days_to_close)::numeric(9, 2) as average_days_to_close
from deals
group by week_start, status, transaction_type
