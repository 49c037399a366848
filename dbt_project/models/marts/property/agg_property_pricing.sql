select
    unified_property_id,
    floorplan,
    snapshot_date,
    unit_count,
    average_sqft,
    in_place_rent,
    in_place_per_sqft,
    asking_rent,
    asking_per_sqft,
    rent_growth
from {{ ref('unified_pricing_metrics') }}
