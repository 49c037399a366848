{#
    Rents by floor plan, which is known by its name in both systems; where only a rent roll tells, by its code. The Box
    Score's printed averages count before those of the units; it has no square feet, which then come from the units, or
    from the Monthly Summary's totals.
#}
{% set plan = 'coalesce(units.floorplan_name, units.floorplan)' %}
with units as (
    select
        units.unified_property_id,
        units.snapshot_date,
        {{ plan }} as floorplan,
        min(units.floorplan_name) as floorplan_name,
        count(*) as unit_count,
        count(*) filter (where units.state in ('O', 'ON', 'OL')) as occupied_count,
        min(units.bedrooms) as bedrooms,
        min(units.bathrooms) as bathrooms,
        avg(units.square_feet) filter (where units.square_feet > 0) as average_sqft,
        avg(units.in_place_rent) filter (where units.in_place_rent > 0) as in_place_rent,
        avg(units.market_rent) as asking_rent,
        sum(units.in_place_rent) filter (where units.in_place_rent > 0 and units.square_feet > 0)
        / nullif(sum(units.square_feet) filter (where units.in_place_rent > 0), 0) as in_place_per_sqft,
        sum(units.market_rent) filter (where units.square_feet > 0)
        / nullif(sum(units.square_feet) filter (where units.market_rent is not null), 0) as asking_per_sqft
    from {{ ref('unified_units') }} as units
    where units.state <> 'X'
    group by units.unified_property_id, units.snapshot_date, {{ plan }}
),

box as (
    select
        known.unified_property_id,
        score.report_date as snapshot_date,
        score.floorplan,
        sum(score.total_units) as unit_count,
        sum(score.occupied_units) as occupied_count,
        sum(score.avg_actual_rent * score.occupied_units) / nullif(sum(score.occupied_units), 0) as in_place_rent,
        sum(score.avg_market_rent * score.total_units) / nullif(sum(score.total_units), 0) as asking_rent
    from {{ ref('realpage_box_score') }} as score
    inner join ({{ properties_of('realpage') }}) as known on known.code = score.property_id
    group by known.unified_property_id, score.report_date, score.floorplan
),

summary as (
    select
        known.unified_property_id,
        monthly.report_date as snapshot_date,
        monthly.floorplan,
        sum(monthly.sqft_total)::numeric / nullif(sum(monthly.total_units), 0) as average_sqft,
        sum(monthly.market_rent_total) / nullif(sum(monthly.sqft_total), 0) as asking_per_sqft
    from {{ ref('realpage_monthly_summary') }} as monthly
    inner join ({{ properties_of('realpage') }}) as known on known.code = monthly.property_id
    group by known.unified_property_id, monthly.report_date, monthly.floorplan
),

together as (
    select
        box.unified_property_id,
        box.snapshot_date,
        box.floorplan,
        box.floorplan as floorplan_name,
        box.unit_count,
        box.occupied_count,
        units.bedrooms,
        units.bathrooms,
        coalesce(units.average_sqft, summary.average_sqft) as average_sqft,
        box.in_place_rent,
        units.in_place_per_sqft,
        box.asking_rent,
        coalesce(units.asking_per_sqft, summary.asking_per_sqft) as asking_per_sqft,
        'box_score' as source
    from box
    left join units
        on
            units.unified_property_id = box.unified_property_id
            and units.snapshot_date = box.snapshot_date
            and units.floorplan_name = box.floorplan
    left join summary
        on
            summary.unified_property_id = box.unified_property_id
            and summary.snapshot_date = box.snapshot_date
            and summary.floorplan = box.floorplan
    where box.unit_count > 0
    union all
    select
        units.unified_property_id,
        units.snapshot_date,
        units.floorplan,
        units.floorplan_name,
        units.unit_count,
        units.occupied_count,
        units.bedrooms,
        units.bathrooms,
        units.average_sqft,
        units.in_place_rent,
        units.in_place_per_sqft,
        units.asking_rent,
        units.asking_per_sqft,
        case
            when days.pms_source = 'yardi' then 'yardi'
            when days.has_units then 'rpx'
            else 'rent_roll'
        end
    from units
    inner join {{ ref('property_snapshots') }} as days
        on days.unified_property_id = units.unified_property_id and days.snapshot_date = units.snapshot_date
    where not days.has_box_score
)

-- A rent of 0 is one that was not told.
select
    unified_property_id,
    snapshot_date,
    floorplan,
    floorplan_name,
    unit_count::integer as unit_count,
    occupied_count::integer as occupied_count,
    bedrooms,
    bathrooms,
    average_sqft::numeric(14, 2) as average_sqft,
    nullif(in_place_rent, 0)::numeric(14, 2) as in_place_rent,
    nullif(in_place_per_sqft, 0)::numeric(14, 2) as in_place_per_sqft,
    nullif(asking_rent, 0)::numeric(14, 2) as asking_rent,
    nullif(asking_per_sqft, 0)::numeric(14, 2) as asking_per_sqft,
    {{ property_share('nullif(asking_rent, 0) - nullif(in_place_rent, 0)', 'in_place_rent') }} as rent_growth,
    source,
    now() as calculated_at
from together
