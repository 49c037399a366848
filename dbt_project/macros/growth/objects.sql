{#
    JobNimbus' objects out of everything ever received of them: staging_jobnimbus.jobnimbus_raw_events, one row a
    version of an object, and one where an object was found gone.

    Belongs here: which version counts, how an object becomes a row, what several tables ask of an object. Does not
    belong here: which column holds what (the models' YAML), what is made of the rows (the models).
#}

{#
    The newest content of every object of a kind, with a landed table's columns: key is JobNimbus' id, deleted_at when
    the object was found gone; null while it is there. An object that came back is there.
#}
{% macro jobnimbus_objects(object) %}
    select distinct on (told.jnid)
        told.account,
        told.jnid as key,
        told.request,
        told.payload,
        told.extracted_at,
        case when told.gone_at > told.extracted_at then told.gone_at end as deleted_at
    from (
        select
            account,
            key,
            request,
            payload,
            extracted_at,
            request ->> 'jnid' as jnid,
            request ? 'gone' as is_gone,
            max(extracted_at) filter (where request ? 'gone') over (partition by request ->> 'jnid') as gone_at
        from {{ source('staging_jobnimbus', 'jobnimbus_raw_events') }}
        where request ->> 'object' = '{{ object }}'
    ) as told
    where not told.is_gone
    order by told.jnid, told.extracted_at desc, {{ epoch_number("told.payload -> 'date_updated'") }} desc nulls last, told.key desc
{% endmacro %}


{#
    A table with one row an object of a kind. Columns with a `path` are read there; `computed` gives SQL over `doc` for
    the others but jnid; lookups are CTEs, which `joins` joins to `doc`: left joins that find at most one row each. `doc` has the
    columns read by path, and key, payload, deleted_at.
#}
{% macro jobnimbus_entity(object, computed={}, lookups={}, joins='') %}
    {%- set objects = jobnimbus_objects(object) -%}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}  {# the YAML is not read yet #}
    {%- set columns = declared_columns(model) -%}
    with doc as (
        {{ extract_live('(' ~ objects ~ ')', columns) }}
    )
    {%- for name, query in lookups.items() %},

    {{ name }} as (
        {{ query }}
    )
    {%- endfor %}

    select
        {%- for column in columns %}
        {{ computed.get(column.name, 'doc.key' if column.name == 'jnid' else 'doc.' ~ adapter.quote(column.name)) }} as {{ adapter.quote(column.name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from doc
    {{ joins }}
{% endmacro %}


{# Was the object found gone, or does it say itself that it is deleted? #}
{% macro is_deleted() -%}
    doc.deleted_at is not null or not doc.is_active
{%- endmacro %}


{# A whole number that JSON holds as such; else null. #}
{% macro epoch_number(json) -%}
    case when jsonb_typeof({{ json }}) = 'number' then trunc(({{ json }})::numeric) end
{%- endmacro %}


{# A moment in seconds since 1970; 0 is none. #}
{% macro epoch_moment(json) -%}
    {# Beyond the year 9999 it is no moment of ours. #}
    case when {{ epoch_number(json) }} between 1 and 253402300799 then to_timestamp(({{ epoch_number(json) }})::double precision) end
{%- endmacro %}


{# The id of the first related record of a type. #}
{% macro first_related(payload, type) -%}
    jsonb_path_query_first({{ payload }}, '$.related[*] ? (@.type == "{{ type }}").id') #>> '{}'
{%- endmacro %}


{# Names and types that mark rows nobody means: people test in the live system. #}
{% macro is_test_name(name) -%}
    coalesce(regexp_replace(btrim({{ name }}), '\s+', ' ', 'g') ~* '(^|- )jane tester$', false)
{%- endmacro %}

{% macro is_test_type(record_type_name) -%}
    coalesce({{ record_type_name }} ~* '^legacy\M', false)
{%- endmacro %}


{# Which ids of a kind are known, as a lookup. #}
{% macro jobnimbus_ids(object) %}
    select distinct request ->> 'jnid' as jnid
    from {{ source('staging_jobnimbus', 'jobnimbus_raw_events') }}
    where request ->> 'object' = '{{ object }}' and not request ? 'gone'
{% endmacro %}


{# The contact a job is done for: its primary record, else the first contact it is related to. #}
{% macro homeowner_of(payload) -%}
    coalesce(
        case when coalesce({{ payload }} #>> '{primary,type}', 'contact') = 'contact' then {{ payload }} #>> '{primary,id}' end,
        {{ first_related(payload, 'contact') }}
    )
{%- endmacro %}


{# An amount that JSON holds as a number; else null. #}
{% macro dollars(json) -%}
    case when jsonb_typeof({{ json }}) = 'number' then ({{ json }})::numeric end
{%- endmacro %}
