{# What was told of each property on each day, by the system that tells of it. #}
{% set realpage = {
    'box_score': ('realpage_box_score', 'property_id', 'report_date'),
    'rent_roll': ('realpage_rent_roll', 'property_id', 'report_date'),
    'delinquency': ('realpage_delinquency', 'property_id', 'report_date'),
    'monthly_summary': ('realpage_monthly_summary', 'property_id', 'report_date'),
    'lease_expirations': ('realpage_lease_expirations', 'property_id', 'report_date'),
    'units': ('realpage_units', 'site_id', 'snapshot_date'),
    'residents': ('realpage_residents', 'site_id', 'snapshot_date'),
    'leases': ('realpage_leases', 'site_id', 'snapshot_date')
} %}
{% set yardi = {
    'units': ('yardi_units', 'property_code', 'snapshot_date'),
    'residents': ('yardi_residents', 'property_code', 'snapshot_date'),
    'leases': ('yardi_leases', 'property_code', 'snapshot_date')
} %}
with told as (
    {% for pms, tables in {'realpage': realpage, 'yardi': yardi}.items() %}
        {% set outer_loop = loop %}
        {% for kind, (table, property, day) in tables.items() %}
            {{ 'union all' if not (loop.first and outer_loop.first) }}
            select
                '{{ pms }}'::text as pms_source,
                known.unified_property_id,
                days.snapshot_date,
                '{{ kind }}'::text as kind
            from (select distinct {{ property }} as code, {{ day }} as snapshot_date from {{ ref(table) }}) as days
            inner join ({{ properties_of(pms) }}) as known on known.code = days.code
            where days.snapshot_date is not null
        {% endfor %}
    {% endfor %}
)

select
    unified_property_id,
    snapshot_date,
    pms_source,
    bool_or(kind = 'box_score') as has_box_score,
    bool_or(kind = 'rent_roll') as has_rent_roll,
    bool_or(kind = 'delinquency') as has_delinquency,
    bool_or(kind = 'monthly_summary') as has_monthly_summary,
    bool_or(kind = 'lease_expirations') as has_lease_expirations,
    bool_or(kind = 'units') as has_units,
    bool_or(kind = 'residents') as has_residents,
    bool_or(kind = 'leases') as has_leases
from told
group by unified_property_id, snapshot_date, pms_source
