with flows as (
    {{ unit_flows() }}
)

select
    counts.unified_property_id,
    counts.snapshot_date,
    counts.vacant_units - counts.preleased_vacant - counts.model_units - coalesce(counts.down_units, 0)
        as vacant_unleased,
    flows.notices_30::integer as notices_30,
    flows.notices_60::integer as notices_60,
    flows.move_ins_30::integer as move_ins_30,
    flows.move_ins_60::integer as move_ins_60,
    counts.exposure_30,
    counts.exposure_60
from {{ ref('unified_occupancy_metrics') }} as counts
left join flows
    on flows.unified_property_id = counts.unified_property_id and flows.snapshot_date = counts.snapshot_date
