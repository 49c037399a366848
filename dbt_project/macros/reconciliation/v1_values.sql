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
    {%- set field = "doc #> '{" ~ path ~ "}'" -%}
    {%- if path == 'id' -%}
        v1_key::bigint
    {%- elif column.rule == 'epoch_ms' -%}
        case when {{ raw }} ~ '^[+-]?[0-9]{1,15}$' and {{ raw }} !~ '^[+-]?0+$' and {{ raw }}::bigint between -62135596800000 and 253402300799999 then (
            timestamp '1970-01-01' + make_interval(
                days => ({{ raw }}::bigint / 86400000)::integer, secs => ({{ raw }}::bigint % 86400000) / 1000.0
            )
        ) at time zone 'UTC' end
    {%- elif column.rule == 'object_or_bool' -%}
        coalesce(
            jsonb_typeof({{ field }}) = 'object' and {{ raw }} <> '{}' or lower({{ raw }}) = 'true',
            false
        )
    {%- elif column.rule == 'digits' -%}
        {{ v1_digits(raw) }}
    {%- elif column.type in ('bigint', 'integer') -%}
        {#- Asking Postgres whether a text is a number costs five times the pattern: only for the longest ones. -#}
        {%- set sure = 18 if column.type == 'bigint' else 9 -%}
        {%- set value -%}
            case
                when {{ raw }} ~ '^[+-]?[0-9]{1,{{ sure }}}$' then {{ raw }}::{{ column.type }}
                when {{ raw }} ~ '^[+-]?[0-9]+$' and pg_input_is_valid({{ raw }}, '{{ column.type }}') then {{ raw }}::{{ column.type }}
            end
        {%- endset -%}
        {{ 'nullif(' ~ value ~ ', 0)' if column.rule == 'null_if_zero' else value }}
    {%- elif column.type.startswith('numeric') -%}
        {%- set number = raw ~ '::numeric' ~ (' / 100' if column.rule == 'percent' else '') -%}
        {%- set precision, scale = column.type[8:-1].split(',') | map('int') -%}
        case
            when {{ raw }} ~ '^[+-]?[0-9]{1,{{ precision - scale - 1 }}}([.][0-9]{0,9})?$' then ({{ number }})::{{ column.type }}
            when {{ raw }} ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$' and pg_input_is_valid({{ raw }}, 'numeric')
                then case when pg_input_is_valid(({{ number }})::text, '{{ column.type }}') then ({{ number }})::{{ column.type }} end
        end
    {%- elif column.type == 'boolean' -%}
        case lower({{ raw }}) when 'true' then true when 'false' then false end
    {%- elif column.type == 'date' -%}
        case when {{ raw }} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and pg_input_is_valid({{ raw }}, 'date') then {{ raw }}::date end
    {%- elif column.type == 'jsonb' -%}
        case when {{ raw }} not in ('{}', '[]') then {{ field }} end
    {%- else -%}
        {%- set text -%}
            case when left({{ raw }}, 1) not in ('{', '[') or jsonb_typeof({{ field }}) = 'string' then {{ raw }} end
        {%- endset -%}
        {{ column.rule ~ '(' ~ text ~ ')' if column.rule in ('lower', 'upper', 'initcap') else text }}
    {%- endif -%}
{%- endmacro %}


{# SQL over `v1`: was a value there that did not become one? 0 is V1's "none" where the rule says so. #}
{% macro v1_rejected(column) -%}
    {%- set value, raw = 'v1.' ~ adapter.quote(column.name), 'v1.' ~ adapter.quote('raw_' ~ column.name) -%}
    {%- if column.type == 'jsonb' or not column.paths or column.paths[0] == 'id' or '*' in column.paths[0] -%}
        false
    {%- elif column.rule == 'object_or_bool' -%}
        (left({{ raw }}, 1) <> '{' and lower({{ raw }}) not in ('true', 'false', '0', '[]'))
    {%- elif column.rule in ('null_if_zero', 'epoch_ms') -%}
        ({{ value }} is null and {{ raw }} !~ '^[+-]?0+$')
    {%- else -%}
        ({{ value }} is null and {{ raw }} is not null)
    {%- endif -%}
{%- endmacro %}
