{#
    V1's own conversion, for reconciliation only: a document's value by `doc #>> path`, cast by plain Postgres
    functions. It shares nothing with macros/engine/extraction.sql, so that neither can vouch for itself.

    For every column: `raw` (the text V1 holds, null when absent), `typed` (what V2 should hold) and `rejected`
    (V1 holds something, and it is no value of the type).
#}
{% macro v1_raw(path) -%}
    nullif(btrim(doc #>> '{{ '{' ~ path | replace('.', ',') ~ '}' }}', e' \t\r\n'), '')
{%- endmacro %}


{# Columns that can be held against V1 one by one. #}
{% macro comparable_columns(columns) %}
    {% set comparable = [] %}
    {% for column in columns %}
        {% if column.expected or (column.rule != 'computed' and column.paths and '*' not in column.paths[0]) %}
            {% do comparable.append(column) %}
        {% endif %}
    {% endfor %}
    {{ return(comparable) }}
{% endmacro %}


{% macro v1_cast(column, raw, path) -%}
    {%- set is_whole = raw ~ " ~ '^[+-]?[0-9]+$' and pg_input_is_valid(" ~ raw ~ ", 'bigint')" -%}
    {%- set is_number = raw ~ " ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$'" -%}
    {%- if path == 'id' -%}
        v1_key::bigint
    {%- elif column.rule == 'epoch_ms' -%}
        case when {{ is_whole }} and pg_input_is_valid({{ raw }}, 'bigint') then case
            when {{ raw }}::bigint <> 0 and abs({{ raw }}::bigint) < 250000000000000 then (
                timestamp '1970-01-01' + make_interval(
                    days => ({{ raw }}::bigint / 86400000)::integer, secs => ({{ raw }}::bigint % 86400000) / 1000.0
                )
            ) at time zone 'UTC'
        end end
    {%- elif column.rule == 'object_or_bool' -%}
        coalesce(
            jsonb_typeof(doc #> '{{ '{' ~ path ~ '}' }}') = 'object' and {{ raw }} <> '{}' or lower({{ raw }}) = 'true',
            false
        )
    {%- elif column.rule == 'digits' -%}
        (regexp_match({{ raw }}, '[0-9]{1,9}'))[1]::integer
    {%- elif column.type in ('bigint', 'integer') -%}
        {%- set value = "case when " ~ is_whole ~ " and pg_input_is_valid(" ~ raw ~ ", '" ~ column.type ~ "') then " ~ raw ~ "::" ~ column.type ~ " end" -%}
        {{ 'nullif(' ~ value ~ ', 0)' if column.rule == 'null_if_zero' else value }}
    {%- elif column.type.startswith('numeric') -%}
        {%- set number = raw ~ '::numeric' ~ (' / 100' if column.rule == 'percent' else '') -%}
        case when {{ is_number }} and pg_input_is_valid({{ raw }}, 'numeric') then
            case when pg_input_is_valid(({{ number }})::text, '{{ column.type }}') then ({{ number }})::{{ column.type }} end
        end
    {%- elif column.type == 'boolean' -%}
        case lower({{ raw }}) when 'true' then true when 'false' then false end
    {%- elif column.type == 'date' -%}
        case when {{ raw }} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and pg_input_is_valid({{ raw }}, 'date') then {{ raw }}::date end
    {%- elif column.type == 'jsonb' -%}
        case when {{ raw }} not in ('{}', '[]') then doc #> '{{ '{' ~ path ~ '}' }}' end
    {%- else -%}
        {%- set text = "case when jsonb_typeof(doc #> '{" ~ path ~ "}') not in ('object', 'array') then " ~ raw ~ " end" -%}
        {{ column.rule ~ '(' ~ text ~ ')' if column.rule in ('lower', 'upper', 'initcap') else text }}
    {%- endif -%}
{%- endmacro %}


{# SQL: was a value there that did not become one? 0 is V1's "none" where the rule says so. #}
{% macro v1_rejected(column, raws, value) -%}
    {%- if column.expected or column.rule == 'object_or_bool' or column.type == 'jsonb' or column.paths[0] == 'id' -%}
        false
    {%- elif column.rule in ('null_if_zero', 'epoch_ms') -%}
        ({{ value }} is null and coalesce({{ raws }}) !~ '^[+-]?0+$')
    {%- else -%}
        ({{ value }} is null and coalesce({{ raws }}) is not null)
    {%- endif -%}
{%- endmacro %}
