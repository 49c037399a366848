{#
    All properties of a day: counts and money are added up, then divided. Who has no snapshot that day is in neither
    part of a share, nor is who cannot say one of its parts; `properties_missing` counts the former. A sum is of those
    who can say it, null if nobody can.
#}
{% set figures = property_figures() %}
{% set shares = {
    'physical_occupancy': ('occupied_units', 'total_units'),
    'leased_percentage': ('occupied_units + preleased_vacant', 'total_units'),
    'delinquent_share': ('delinquent_units', 'occupied_units'),
    'lead_to_tour': ('tours', 'leads'),
    'tour_to_application': ('applications', 'tours'),
    'application_to_lease': ('lease_signs', 'applications')
} %}
with days as (
    select
        snapshots.unified_property_id,
        snapshots.snapshot_date,
        {% for module in ('occupancy', 'exposure', 'delinquency', 'leasing_funnel', 'activity') %}
            {% for name in figures[module] %}
        {{ module }}.{{ name }},
        {% endfor %}
        {% endfor %}
        activity.renewal_rate
    from {{ ref('property_snapshots') }} as snapshots
    inner join {{ ref('properties') }} as known
        on known.unified_property_id = snapshots.unified_property_id and known.is_active
    left join {{ ref('agg_property_occupancy') }} as occupancy
        on
            occupancy.unified_property_id = snapshots.unified_property_id
            and occupancy.snapshot_date = snapshots.snapshot_date
    {% for name in ('exposure', 'delinquency') %}
        left join {{ ref('agg_property_' ~ name) }} as {{ name }}
            on
                {{ name }}.unified_property_id = snapshots.unified_property_id
                and {{ name }}.snapshot_date = snapshots.snapshot_date
    {% endfor %}
    {% for name in ('leasing_funnel', 'activity') %}
        left join {{ ref('agg_property_' ~ name) }} as {{ name }}
            on
                {{ name }}.unified_property_id = snapshots.unified_property_id
                and {{ name }}.month = date_trunc('month', snapshots.snapshot_date)::date
    {% endfor %}
),

rents as (
    {{ weighted_rents(
        '(select plans.* from ' ~ ref('unified_pricing_metrics') ~ ' as plans inner join ' ~ ref('properties')
        ~ ' as known on known.unified_property_id = plans.unified_property_id and known.is_active) as plans',
        'snapshot_date'
    ) }}
),

totals as (
    select
        snapshot_date,
        count(distinct unified_property_id) as properties,
        {% for module in figures %}
        {% for name in figures[module] %}
        sum({{ name }}) as {{ name }},
        {% endfor %}
        {% endfor %}
        {% for name, (above, below) in shares.items() %}
        {{ property_share(
            'sum(' ~ above ~ ') filter (where ' ~ below ~ ' is not null)',
            'sum(' ~ below ~ ') filter (where ' ~ above ~ ' is not null)'
        ) }} as {{ name }},
        {% endfor %}
        {{ property_share(
            'sum(renewal_rate * expirations)', 'sum(expirations) filter (where renewal_rate is not null)'
        ) }} as renewal_rate
    from days
    group by snapshot_date
)

select
    totals.snapshot_date,
    date_trunc('month', totals.snapshot_date)::date as month,
    totals.properties::integer as properties,
    (
        (select count(*) from {{ ref('properties') }} as known where known.is_active) - totals.properties
    )::integer as properties_missing,
    {% for name in figures.occupancy %}
    totals.{{ name }},
    {% endfor %}
    totals.physical_occupancy,
    totals.leased_percentage,
    {% for name in figures.exposure %}
    totals.{{ name }},
    {% endfor %}
    rents.average_sqft,
    rents.in_place_rent,
    rents.in_place_per_sqft,
    rents.asking_rent,
    rents.asking_per_sqft,
    rents.rent_growth,
    {% for name in figures.delinquency %}
    totals.{{ name }}{{ '::numeric(14, 2)' if name != 'delinquent_units' }} as {{ name }},
    {% endfor %}
    totals.delinquent_share,
    {% for name in figures.leasing_funnel %}
    totals.{{ name }}::bigint as {{ name }},
    {% endfor %}
    totals.lead_to_tour,
    totals.tour_to_application,
    totals.application_to_lease,
    {% for name in figures.activity %}
    totals.{{ name }}::bigint as {{ name }},
    {% endfor %}
    totals.renewal_rate
from totals
left join rents on rents.snapshot_date = totals.snapshot_date
