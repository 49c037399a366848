-- Prepaid lines of an account and its delinquent ones both count: nothing is netted within it.
with accounts as (
    select
        unified_property_id,
        snapshot_date,
        sum(total_delinquent) as total_delinquent,
        sum(balance_0_30) as balance_0_30,
        sum(balance_31_60) as balance_31_60,
        sum(balance_61_90) as balance_61_90,
        sum(balance_over_90) as balance_over_90,
        sum(prepaid) as prepaid,
        count(distinct unit_number) filter (where total_delinquent > 0 and status in ('current', 'notice'))
            as delinquent_units
    from {{ ref('unified_delinquency') }}
    group by unified_property_id, snapshot_date
)

select
    days.unified_property_id,
    days.snapshot_date,
    accounts.total_delinquent::numeric(14, 2) as total_delinquent,
    accounts.balance_0_30::numeric(14, 2) as balance_0_30,
    accounts.balance_31_60::numeric(14, 2) as balance_31_60,
    accounts.balance_61_90::numeric(14, 2) as balance_61_90,
    accounts.balance_over_90::numeric(14, 2) as balance_over_90,
    accounts.prepaid::numeric(14, 2) as prepaid,
    accounts.delinquent_units::integer as delinquent_units,
    {{ property_share('accounts.delinquent_units', 'counts.occupied_units') }} as delinquent_share
from {{ ref('property_snapshots') }} as days
left join accounts
    on accounts.unified_property_id = days.unified_property_id and accounts.snapshot_date = days.snapshot_date
left join {{ ref('unified_occupancy_metrics') }} as counts
    on counts.unified_property_id = days.unified_property_id and counts.snapshot_date = days.snapshot_date
