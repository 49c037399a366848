{#
    Rows of a report that are one row of its raw table.

    Belongs here: adding them up. Does not belong here: reading them (raw_rows.sql).
#}

{# An average of several rows, each counting by what it is an average over; null over nothing. #}
{% macro averaged(average, weight) -%}
    sum({{ average }} * {{ weight }}) / nullif(sum({{ weight }}) filter (where {{ average }} is not null), 0)
{%- endmacro %}


{# The plan of the unit that each event of a Monthly Summary is about: rows of `events` and plan_of_unit, or null. #}
{% macro events_with_plans(events) -%}
    select distinct on (events.key)
        events.*,
        units.floorplan_name as plan_of_unit
    from {{ events }} as events
    left join (
        select
            units.site_id,
            units.snapshot_date,
            units.unit_number,
            units.floorplan_name,
            units.exclude_from_occupancy,
            buildings.number as building_number
        from {{ ref('realpage_units') }} as units
        left join (
            select
                account as site_id,
                split_part(key, ':', 1) as day,
                payload ->> 'BuildingID' as building_id,
                payload ->> 'BuildingNumber' as number
            from {{ source('staging_realpage_rpx', 'buildings') }}
            where deleted_at is null
        ) as buildings
            on
                buildings.site_id = units.site_id
                and buildings.day = units.snapshot_date::text
                and buildings.building_id = units.building_id
    ) as units
        on
            units.site_id = events.property_id
            and units.snapshot_date = events.report_date
            and events.unit in (units.unit_number, units.building_number || '-' || units.unit_number)
    -- A deleted unit may have the number of one that counts.
    order by events.key, units.exclude_from_occupancy
{%- endmacro %}


{# What the flat rent roll says of a lease in columns of charge codes: (rent, other), null where no such column is. #}
{% macro flat_charges(payload, property) -%}
    select
        sum({{ raw_number("charges.value ->> 'Amount'") }}) filter (
            where {{ is_rent_code("charges.value ->> 'Trans Code'", property) }}
        ) as rent,
        sum({{ raw_number("charges.value ->> 'Amount'") }}) filter (
            where not {{ is_rent_code("charges.value ->> 'Trans Code'", property) }}
        ) as other
    from {{ array_elements(payload ~ " -> 'Charges'") }} as charges
{%- endmacro %}
