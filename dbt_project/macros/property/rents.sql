{#
    What each Yardi tenant pays as rent on a snapshot's day: rows (property_code, snapshot_date, tenant_code, rent).
    Charges in force that day; for who lives on without one in force, the ones that had begun.
#}
{% macro yardi_rents() -%}
    {% set begun = "coalesce(charge_from, snapshot_date) <= snapshot_date" %}
    {% set in_force = begun ~ " and coalesce(charge_to, snapshot_date) >= snapshot_date" %}
    select
        property_code,
        snapshot_date,
        tenant_code,
        coalesce(
            sum(charge_amount) filter (where {{ in_force }}), sum(charge_amount) filter (where {{ begun }})
        )::numeric(14, 2) as rent
    from {{ ref('yardi_leases') }}
    where is_rent
    group by property_code, snapshot_date, tenant_code
{%- endmacro %}


{#
    Rents over all floor plans of a day, by some columns: rows (<by>, average_sqft, in_place_rent, in_place_per_sqft,
    asking_rent, asking_per_sqft, rent_growth). In place is weighted by occupied units, asking by all of them, square
    feet by the rents' own: never an average of averages. `plans` names rows of unified_pricing_metrics.
#}
{% macro weighted_rents(plans, by) -%}
    {% set mean = "sum({0} * {1}) / nullif(sum({1}) filter (where {0} is not null), 0)" %}
    {% set in_place = mean.format('in_place_rent', 'occupied_count') %}
    {% set asking = mean.format('asking_rent', 'unit_count') %}
    select
        {{ by }},
        ({{ mean.format('average_sqft', 'unit_count') }})::numeric(14, 2) as average_sqft,
        ({{ in_place }})::numeric(14, 2) as in_place_rent,
        (
            sum(in_place_rent * occupied_count) filter (where in_place_per_sqft is not null)
            / nullif(sum(average_sqft * occupied_count) filter (where in_place_per_sqft is not null), 0)
        )::numeric(14, 2) as in_place_per_sqft,
        ({{ asking }})::numeric(14, 2) as asking_rent,
        (
            sum(asking_rent * unit_count) filter (where asking_per_sqft is not null)
            / nullif(sum(average_sqft * unit_count) filter (where asking_per_sqft is not null), 0)
        )::numeric(14, 2) as asking_per_sqft,
        {{ property_share('(' ~ asking ~ ') - (' ~ in_place ~ ')', in_place) }} as rent_growth
    from {{ plans }}
    group by {{ by }}
{%- endmacro %}


{# The figures of one property and day, or of all properties of a day: their names, by the mart that has them. #}
{% macro property_figures() %}
    {{ return({
        'occupancy': [
            'total_units', 'occupied_units', 'vacant_units', 'preleased_vacant', 'vacant_ready', 'vacant_not_ready',
            'aged_vacancy_90', 'on_notice'
        ],
        'exposure': [
            'vacant_unleased', 'notices_30', 'notices_60', 'move_ins_30', 'move_ins_60', 'exposure_30', 'exposure_60'
        ],
        'delinquency': [
            'total_delinquent', 'balance_0_30', 'balance_31_60', 'balance_61_90', 'balance_over_90', 'prepaid',
            'delinquent_units'
        ],
        'leasing_funnel': ['leads', 'tours', 'applications', 'lease_signs'],
        'activity': ['move_ins', 'move_outs', 'net_absorption', 'renewals', 'expirations']
    }) }}
{% endmacro %}
