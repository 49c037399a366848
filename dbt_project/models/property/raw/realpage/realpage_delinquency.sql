-- An account's own row and one a charge code. Their ages are netted with what was paid ahead: only what is owed counts.
with lines as (
    {{ raw_rows('realpage_delinquency') }}
)

select
    property_id,
    min(property_name) as property_name,
    report_date,
    min(fiscal_period) as fiscal_period,
    min(aging_type) as aging_type,
    account_no,
    min(unit_number) as unit_number,
    min(resident_key) as resident_key,
    min(status) as status,
    coalesce(bool_or(is_under_eviction), false) as is_under_eviction,
    min(move_in_date) as move_in_date,
    min(move_out_date) as move_out_date,
    coalesce(sum(balance_0_30), 0)::numeric(14, 2) as current_balance,
    coalesce(sum(balance_0_30) filter (where total_delinquent <> 0), 0)::numeric(14, 2) as balance_0_30,
    coalesce(sum(balance_31_60) filter (where total_delinquent <> 0), 0)::numeric(14, 2) as balance_31_60,
    coalesce(sum(balance_61_90) filter (where total_delinquent <> 0), 0)::numeric(14, 2) as balance_61_90,
    coalesce(sum(balance_over_90) filter (where total_delinquent <> 0), 0)::numeric(14, 2) as balance_over_90,
    coalesce(-sum(prepaid), 0)::numeric(14, 2) as prepaid,
    coalesce(sum(total_delinquent), 0)::numeric(14, 2) as total_delinquent,
    (coalesce(sum(total_delinquent), 0) + coalesce(sum(prepaid), 0))::numeric(14, 2) as net_balance,
    max(deposits_held) as deposits_held,
    max(outstanding_deposit) as outstanding_deposit,
    max(late_count) as late_count,
    max(nsf_count) as nsf_count,
    coalesce(bool_or(includes_nsf), false) as includes_nsf,
    null::date as last_payment_date,
    null::numeric(14, 2) as last_payment_amount,
    min(file_id) as file_id,
    min(imported_at) as imported_at
from lines
group by property_id, report_date, account_no
