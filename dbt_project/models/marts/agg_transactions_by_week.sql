select
    week_start,
    status,
    transaction_type,
    transaction_count,
    volume,
    gci,
    average_sale_price,
    average_days_to_close
from {{ ref('agg_transactions_weekly') }}
