{# The last day of each property, and the month it is in. #}
with latest as (
    select distinct on (unified_property_id)
        unified_property_id,
        snapshot_date,
        date_trunc('month', snapshot_date)::date as month
    from {{ ref('property_snapshots') }}
    order by unified_property_id, snapshot_date desc
),

rents as (
    {{ weighted_rents(ref('unified_pricing_metrics'), 'unified_property_id, snapshot_date') }}
)

select
    latest.unified_property_id,
    latest.snapshot_date,
    latest.month,
    {% for name in property_figures().occupancy %}
    occupancy.{{ name }},
    {% endfor %}
    occupancy.physical_occupancy,
    occupancy.leased_percentage,
    {% for name in property_figures().exposure %}
    exposure.{{ name }},
    {% endfor %}
    rents.average_sqft,
    rents.in_place_rent,
    rents.in_place_per_sqft,
    rents.asking_rent,
    rents.asking_per_sqft,
    rents.rent_growth,
    {% for name in property_figures().delinquency %}
    delinquency.{{ name }},
    {% endfor %}
    delinquency.delinquent_share,
    {% for name in property_figures().leasing_funnel %}
    funnel.{{ name }},
    {% endfor %}
    funnel.lead_to_tour,
    funnel.tour_to_application,
    funnel.application_to_lease,
    {% for name in property_figures().activity %}
    activity.{{ name }},
    {% endfor %}
    activity.renewal_rate
from latest
{% for name in ('occupancy', 'exposure', 'delinquency') %}
    left join {{ ref('agg_property_' ~ name) }} as {{ name }}
        on
            {{ name }}.unified_property_id = latest.unified_property_id
            and {{ name }}.snapshot_date = latest.snapshot_date
{% endfor %}
left join rents
    on rents.unified_property_id = latest.unified_property_id and rents.snapshot_date = latest.snapshot_date
left join {{ ref('agg_property_leasing_funnel') }} as funnel
    on funnel.unified_property_id = latest.unified_property_id and funnel.month = latest.month
left join {{ ref('agg_property_activity') }} as activity
    on activity.unified_property_id = latest.unified_property_id and activity.month = latest.month
