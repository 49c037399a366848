{# CTEs `<parent>_ids (id)`: the ids a V2 table has, by the V1 table that gives them. #}
{% macro known_ids(parents) %}
    {%- for parent, table in parents.items() -%}
{{ parent }}_ids as (
    select key::bigint as id from {{ source('staging_v1', table) }}
){{ ',\n\n' if not loop.last }}
    {%- endfor -%}
{% endmacro %}


{#
    A reference, or null where its parent has no such id. A subquery and not a join: Postgres takes json_table for
    a hundred rows a document, and plans joins above it for numbers that never come.
#}
{% macro known_or_null(id, parent) -%}
    case when {{ id }} in (select id from {{ parent }}_ids) then {{ id }} end
{%- endmacro %}


{# CTE `agents_by_uuid (uuid, agent_id)`: agents by their reZEN UUID. Of twins the older one. #}
{% macro agents_by_uuid() -%}
agents_by_uuid as (
    select
        btrim(payload ->> 'agent_id_raw') as uuid,
        min(key::bigint) as agent_id
    from {{ source('staging_v1', 'agent') }}
    where btrim(payload ->> 'agent_id_raw') <> ''
    group by btrim(payload ->> 'agent_id_raw')
)
{%- endmacro %}


{# CTE `deals_by_uuid (uuid, transaction_id)`: deals by their reZEN or SkySlope UUID. Of twins the older one. #}
{% macro deals_by_uuid() -%}
deals_by_uuid as (
    select
        uuid,
        min(id) as transaction_id
    from (
        {{ extract(source('staging_v1', 'transaction'), [
            helper_column('id', 'bigint', 'id'),
            helper_column('uuid', 'text', ['transaction_id_raw', 'transaction_id'])
        ]) }}
    ) as deals
    where uuid is not null
    group by uuid
)
{%- endmacro %}


{# Ids of a V2 table by its natural key, `(natural_key, id)`: of V1 twins the older one. For a live row's references. #}
{% macro ids_by(relation, column) -%}
    select
        {{ column }} as natural_key,
        min(id) as id
    from {{ relation }}
    where {{ column }} is not null
    group by {{ column }}
{%- endmacro %}


{# CTE `elements (key, payload, seq)`: the elements of an array in V1's documents, in order from 1. See extract's `within`. #}
{% macro elements_of(v1_table, array) -%}
elements as (
    select
        landed.key,
        element.value as payload,
        element.seq::integer as seq
    from {{ source('staging_v1', v1_table) }} as landed
    cross join {{ array_elements("landed.payload -> '" ~ array ~ "'") }} with ordinality as element (value, seq)
)
{%- endmacro %}
