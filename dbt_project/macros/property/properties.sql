{#
    Which property a row of a PMS is about: seeds/properties.csv. A property that is on both systems is told by its
    primary one; what the other says stays in its raw tables.
#}

{#
    Properties told by one PMS: rows (unified_property_id, code, timezone), code being what that system calls the
    property.
#}
{% macro properties_of(pms) -%}
    select
        unified_property_id,
        {{ 'realpage_site_id' if pms == 'realpage' else 'yardi_property_code' }}::text as code,
        timezone
    from {{ ref('properties') }}
    where
        primary_pms = '{{ pms }}'
        and {{ 'realpage_site_id' if pms == 'realpage' else 'yardi_property_code' }} is not null
{%- endmacro %}


{# The first month that the marts by month show, as of a property's last snapshot. #}
{% macro first_shown_month(last_day) -%}
    (date_trunc('month', {{ last_day }}) - interval '{{ var('property_history_months') }} months')::date
{%- endmacro %}


{# A share: null over nothing. #}
{% macro property_share(above, below) -%}
    round(({{ above }})::numeric / nullif({{ below }}, 0), 6)::numeric(9, 6)
{%- endmacro %}


{# The property's own day of a moment; `known` is an alias with its time zone. #}
{% macro own_day(moment, known='known') -%}
    ({{ moment }} at time zone {{ known }}.timezone)::date
{%- endmacro %}
