-- A plan's occupancy and its activity are two rows. Events name a unit; where the plan of one is not told, nobody knows
-- how many of its kind each plan of the property had.
with lines as (
    {{ raw_rows('realpage_monthly_summary', also=[
        helper_column('kind', 'text', 'kind'),
        helper_column('unit', 'text', 'Unit'),
        helper_column('action', 'text', 'Action')
    ]) }}
),

events as (
    select *
    from lines
    where kind = 'event' and action in ('Transferred to New Unit', 'Move Out Notice')
),

placed as (
    {{ events_with_plans('events') }}
),

counted as (
    select
        file_id,
        plan_of_unit,
        count(*) filter (where action = 'Transferred to New Unit') as transfers_in,
        count(*) filter (where action = 'Move Out Notice') as notices
    from placed
    group by file_id, plan_of_unit
),

plans as (
    select
        property_id,
        min(property_name) as property_name,
        report_date,
        period_start,
        min(period_end) as period_end,
        floorplan,
        sum(market_rent_total)::numeric(14, 2) as market_rent_total,
        sum(base_rent_total)::numeric(14, 2) as base_rent_total,
        sum(sqft_total)::integer as sqft_total,
        sum(total_units)::integer as total_units,
        sum(occupied_no_notice)::integer as occupied_no_notice,
        sum(vacant_not_leased)::integer as vacant_not_leased,
        sum(vacant_leased)::integer as vacant_leased,
        sum(notice_not_leased)::integer as notice_not_leased,
        sum(notice_leased)::integer as notice_leased,
        sum(vacant_admin)::integer as vacant_admin,
        sum(vacant_down)::integer as vacant_down,
        sum(move_ins)::integer as move_ins,
        sum(move_outs)::integer as move_outs,
        sum(cancellations)::integer as cancellations,
        sum(renewals)::integer as renewals,
        sum(leases)::integer as leases,
        sum(rent_charged)::numeric(14, 2) as rent_charged,
        sum(other_charges)::numeric(14, 2) as other_charges,
        sum(payments)::numeric(14, 2) as payments,
        sum(other_credits)::numeric(14, 2) as other_credits,
        sum(deposits_in)::numeric(14, 2) as deposits_in,
        sum(deposits_out)::numeric(14, 2) as deposits_out,
        min(file_id) as file_id,
        min(imported_at) as imported_at
    from lines
    where kind = 'plan'
    group by property_id, report_date, period_start, floorplan
),

-- Events of units whose plan is not told, or is none of the report's.
astray as (
    select
        counted.file_id,
        sum(counted.transfers_in) as transfers_in,
        sum(counted.notices) as notices
    from counted
    left join plans on plans.file_id = counted.file_id and plans.floorplan = counted.plan_of_unit
    where plans.file_id is null
    group by counted.file_id
)

select
    plans.property_id,
    plans.property_name,
    plans.report_date,
    plans.period_start,
    plans.period_end,
    plans.floorplan,
    plans.market_rent_total,
    plans.base_rent_total,
    plans.sqft_total,
    plans.total_units,
    plans.occupied_no_notice,
    plans.vacant_not_leased,
    plans.vacant_leased,
    plans.notice_not_leased,
    plans.notice_leased,
    plans.vacant_admin,
    plans.vacant_down,
    plans.move_ins,
    plans.move_outs,
    plans.cancellations,
    plans.renewals,
    plans.leases,
    plans.rent_charged,
    plans.other_charges,
    plans.payments,
    plans.other_credits,
    plans.deposits_in,
    plans.deposits_out,
    case when coalesce(astray.transfers_in, 0) = 0 then coalesce(counted.transfers_in, 0) end::integer as transfers_in,
    null::integer as transfers_out,
    null::integer as beginning_occupancy,
    plans.occupied_no_notice + plans.notice_not_leased + plans.notice_leased as ending_occupancy,
    case when coalesce(astray.notices, 0) = 0 then coalesce(counted.notices, 0) end::integer as notices,
    null::numeric(14, 2) as avg_rent,
    plans.file_id,
    plans.imported_at
from plans
left join counted on counted.file_id = plans.file_id and counted.plan_of_unit = plans.floorplan
left join astray on astray.file_id = plans.file_id
