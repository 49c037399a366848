-- Plans of one name are one; an average counts by what it is an average over.
with plans as (
    {{ raw_rows('realpage_box_score') }}
)

select
    property_id,
    min(property_name) as property_name,
    report_date,
    min(fiscal_period) as fiscal_period,
    min(floorplan_group) as floorplan_group,
    floorplan,
    sum(total_units)::integer as total_units,
    sum(vacant_units)::integer as vacant_units,
    sum(vacant_not_leased)::integer as vacant_not_leased,
    sum(vacant_leased)::integer as vacant_leased,
    sum(occupied_units)::integer as occupied_units,
    sum(occupied_no_notice)::integer as occupied_no_notice,
    sum(notice_not_leased + notice_leased)::integer as occupied_on_notice,
    sum(notice_not_leased)::integer as notice_not_leased,
    sum(notice_leased)::integer as notice_leased,
    null::integer as occupied_mtm,
    sum(model_units)::integer as model_units,
    sum(down_units)::integer as down_units,
    null::integer as avg_sqft,
    ({{ averaged('avg_market_rent', 'total_units') }})::numeric(14, 2) as avg_market_rent,
    ({{ averaged('avg_actual_rent', 'occupied_units') }})::numeric(14, 2) as avg_actual_rent,
    ({{ averaged('avg_effective_rent', 'total_units') }})::numeric(14, 2) as avg_effective_rent,
    ({{ averaged('occupancy_pct', 'total_units') }})::numeric(9, 6) as occupancy_pct,
    {{ property_share('sum(vacant_leased + occupied_units)', 'sum(total_units)') }} as leased_pct,
    ({{ averaged('net_leased_pct', 'total_units') }})::numeric(9, 6) as net_leased_pct,
    {{ property_share('sum(vacant_not_leased + notice_not_leased)', 'sum(total_units)') }} as exposure_pct,
    min(file_id) as file_id,
    min(imported_at) as imported_at
from plans
group by property_id, report_date, floorplan
