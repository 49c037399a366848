select
    check_name,
    table_name,
    unified_property_id,
    snapshot_date,
    measure,
    one::numeric(14, 2) as one,
    other::numeric(14, 2) as other
from ({{ property_differences() }}) as differences
