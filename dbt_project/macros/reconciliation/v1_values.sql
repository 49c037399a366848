{#
    V1's own conversion, for reconciliation only: a document's value by `doc #>> path`, cast by plain Postgres
    functions. It shares nothing with macros/engine/extraction.sql, so that neither can vouch for itself.

    For every column: `raw` (the text V1 holds, null when absent), `typed` (what V2 should hold) and `rejected`
    (V1 holds something, and it is no value of the type).
#}
{% macro v1_raw(path, document='doc') -%}
    nullif(btrim({{ document }} #>> '{{ v1_path(path) }}', e' \t\r\n'), '')
{%- endmacro %}


{# A declared path as Postgres' own; what lies in the elements of an array is in the row's `element`: see v1_rows. #}
{% macro v1_path(path) -%}
    {{ '{' ~ ('element.' ~ path.split('.*.')[1] if '.*.' in path else path) | replace('.', ',') ~ '}' }}
{%- endmacro %}


{# Milliseconds since 1970 as a moment, by way of a timestamp without zone; 0 and what no calendar holds are none. #}
{% macro v1_epoch(raw) -%}
    case when {{ raw }} ~ '^[+-]?[0-9]{1,15}$' and {{ raw }} !~ '^[+-]?0+$' and {{ raw }}::bigint between -62135596800000 and 253402300799999 then (
        timestamp '1970-01-01' + make_interval(
            days => ({{ raw }}::bigint / 86400000)::integer, secs => ({{ raw }}::bigint % 86400000) / 1000.0
        )
    ) at time zone 'UTC' end
{%- endmacro %}


{# Columns that can be held against V1 one by one; what lies in elements, where each element has a row. #}
{% macro comparable_columns(columns) %}
    {% set comparable = [] %}
    {% for column in columns if column.expected or (column.rule != 'computed' and column.paths) %}
        {% do comparable.append(column) %}
    {% endfor %}
    {{ return(comparable) }}
{% endmacro %}


{% macro v1_cast(column, raw, path) -%}
    {%- set field = "doc #> '" ~ v1_path(path) ~ "'" -%}
    {%- if path == 'id' -%}
        v1_key::bigint
    {%- elif column.rule == 'epoch_ms' -%}
        {{ v1_epoch(raw) }}
    {%- elif column.rule == 'moment' -%}
        {%- set in_zone = "at time zone '" ~ var('business_timezone') ~ "'" -%}
        case
            when {{ raw }} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
                then case when pg_input_is_valid({{ raw }}, 'date') then {{ raw }}::timestamp {{ '' if column.type == 'date' else in_zone }} end
            else {{ v1_epoch(raw) }} {{ in_zone if column.type == 'date' }}
        end::{{ column.type }}
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
        {%- if column.rule == 'cents' -%}
            {%- set number = number ~ " / case when strpos(" ~ raw ~ ", '.') > 0 then 1 else 100 end" -%}
        {%- endif -%}
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
    {%- if column.type == 'jsonb' or not column.paths or column.paths[0] == 'id' -%}
        false
    {%- elif column.rule == 'object_or_bool' -%}
        (left({{ raw }}, 1) <> '{' and lower({{ raw }}) not in ('true', 'false', '0', '[]'))
    {%- elif column.rule in ('null_if_zero', 'epoch_ms', 'moment') -%}
        ({{ value }} is null and {{ raw }} !~ '^[+-]?0+$')
    {%- else -%}
        ({{ value }} is null and {{ raw }} is not null)
    {%- endif -%}
{%- endmacro %}
