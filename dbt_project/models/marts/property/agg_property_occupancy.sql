select
    unified_property_id,
    snapshot_date,
    total_units,
    occupied_units,
    vacant_units,
    preleased_vacant,
    vacant_ready,
    vacant_not_ready,
    aged_vacancy_90,
    notice_units as on_notice,
    physical_occupancy,
    leased_percentage
from {{ ref('unified_occupancy_metrics') }}
