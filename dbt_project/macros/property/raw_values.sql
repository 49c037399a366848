{#
    Text that the property systems deliver to the types of the raw tables. What does not fit is null, never an error or
    a guess; the test unread_values names it.

    Belongs here: one text to one value. Does not belong here: where the text stands (raw_rows.sql).
#}

{#
    A column's text in its type. Rules: null_if_zero ("0" is no id), lower, parts (raw_day_of_parts gave the text), and
    local: a moment, left as text, since only raw_moment can read it, who knows the time zone.
#}
{% macro raw_value(text, column) %}
    {%- set trimmed = "nullif(btrim(" ~ text ~ ", e' \\t\\r\\n'), '')" -%}
    {%- if column.paths == ['_extracted_at'] -%}{{ return(text) }}{%- endif -%}
    {%- if column.rule == 'null_if_zero' -%}
        {%- set trimmed = "nullif(" ~ trimmed ~ ", '0')" -%}
    {%- elif column.rule == 'lower' -%}
        {%- set trimmed = 'lower(' ~ trimmed ~ ')' -%}
    {%- endif -%}
    {%- if column.type == 'text' or column.rule == 'local' -%}{{ return(trimmed) }}
    {%- elif column.type == 'date' -%}{{ return(raw_day(text)) }}
    {%- elif column.type == 'boolean' -%}{{ return(raw_flag(text)) }}
    {%- elif column.type == 'integer' -%}{{ return(raw_whole(text)) }}
    {%- elif column.type.startswith('numeric') -%}{{ return(raw_amount(text, column.type)) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error("Column '" ~ column.name ~ "': no reading for type " ~ column.type ~ ".") }}
{% endmacro %}


{# A number with or without thousands commas, $, and brackets or a minus sign for less than 0; else null. #}
{% macro raw_number(text) -%}
    {%- set bare = "regexp_replace(" ~ text ~ ", '[$,()[:space:]]', '', 'g')" -%}
    case
        when {{ text }} ~ '^\s*([+-]?\s*[$]?|[$][+-])\s*(\d{1,3}(,\d{3})+|\d{1,30}|(?=[.]\d))([.]\d*)?\s*$'
            then {{ bare }}::numeric
        when {{ text }} ~ '^\s*[(]\s*[$]?\s*(\d{1,3}(,\d{3})+|\d{1,30})([.]\d*)?\s*[)]\s*$'
            then -{{ bare }}::numeric
    end
{%- endmacro %}


{# The same as numeric(p,s). Most are plain digits, and cost little. #}
{% macro raw_amount(text, type) -%}
    {%- set precision, scale = type[8:-1].split(',') | map('trim') | map('int') -%}
    case
        when {{ text }} ~ '^-?\d{1,{{ precision - scale - 1 }}}([.]\d*)?$' then {{ text }}::{{ type }}
        else {{ postgres__fitting(raw_number(text), type) }}
    end
{%- endmacro %}


{# The same without a fraction. #}
{% macro raw_whole(text) -%}
    {%- set number = raw_number(text) -%}
    case
        when {{ text }} ~ '^-?\d{1,9}([.]0*)?$' then {{ text }}::numeric::integer
        when ({{ number }}) % 1 = 0 and abs({{ number }}) < 2147483648 then ({{ number }})::integer
    end
{%- endmacro %}


{# true, T, Y, yes, x, 1 and their opposites, in any casing. #}
{% macro raw_flag(text) -%}
    case
        when lower(btrim({{ text }})) in ('true', 't', 'yes', 'y', 'x', '1') then true
        when lower(btrim({{ text }})) in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}


{#
    The day that a text says, as YYYY-MM-DD: `2026-11-01[ …]`, `11/1/2026[ …]`, `Nov  1 2026[ …]`; null or no valid day for
    any other. Leases have seventeen days each: no expression here that costs much.
#}
{% macro raw_day_text(text) -%}
    {%- set slashed = "split_part(" ~ text ~ ", ' ', 1)" -%}
    {%- set named = "regexp_match(" ~ text ~ ", '^[[:space:]]*([A-Za-z]{3})[a-z]*[[:space:]]+([0-9]{1,2}),?[[:space:]]+([0-9]{4})([[:space:]].*)?$')" -%}
    {%- set months = "array['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']" -%}
    case
        when {{ text }} like '____-__-__%' and substr({{ text }}, 11, 1) in ('', ' ', 'T', 't') then left({{ text }}, 10)
        when {{ slashed }} like '%/%/____' then concat_ws(
            '-', split_part({{ slashed }}, '/', 3), split_part({{ slashed }}, '/', 1), split_part({{ slashed }}, '/', 2)
        )
        when {{ text }} ~ '^\s*[A-Za-z]{3}' then concat_ws(
            '-', ({{ named }})[3], coalesce(array_position({{ months }}, lower(({{ named }})[1])), 13), ({{ named }})[2]
        )
    end
{%- endmacro %}


{# A day; 1900-01-01, 0001-01-01 and any before are how the systems write "none". #}
{% macro raw_day(text) -%}
    {%- set day = raw_day_text(text) -%}
    case when pg_input_is_valid({{ day }}, 'date') then nullif(greatest(({{ day }})::date, '1900-01-01'), '1900-01-01') end
{%- endmacro %}


{# A local moment, `2026-11-01[T ]09:30:00[.0]`, of a property in a time zone; none as for days. #}
{% macro raw_moment(text, zone) -%}
    case
        when {{ raw_moment_is_read(text) }} then case
            when ({{ text }})::timestamp >= '1900-01-02'
                then ({{ text }})::timestamp at time zone coalesce({{ zone }}, '{{ var('business_timezone') }}')
        end
    end
{%- endmacro %}

{% macro raw_moment_is_read(text) -%}
    {{ text }} ~ '^\s*\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?)?\s*$' and pg_input_is_valid({{ text }}, 'timestamp')
{%- endmacro %}


{# Is the charge code one by which rent is charged? Var rent_codes: {default: […], a property's code or site id: […]}. #}
{% macro is_rent_code(code, property) -%}
    {%- set codes = var('rent_codes', {'default': ['rent']}) -%}
    case
        when {{ property }} is null then false
        {%- for name, own in codes.items() if name != 'default' %}
        when {{ property }} = '{{ name }}' then lower({{ code }}) in ({{ quoted_codes(own) }})
        {%- endfor %}
        else lower({{ code }}) in ({{ quoted_codes(codes.default) }})
    end
{%- endmacro %}

{% macro quoted_codes(codes) -%}
    {%- for code in codes %}'{{ code | lower }}'{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}


{# Of a list of named things the value of the first that has a name: `Identification` with @IDType = TenantID. #}
{% macro named_first(payload, list, field, name, value) -%}
    nullif(btrim(jsonb_path_query_first({{ payload }}, '{{ list }}[*] ? (@."{{ field }}" == "{{ name }}")."{{ value }}"') #>> '{}'), '')
{%- endmacro %}


{# Where each property's days begin: rows (code, timezone), code being what a system calls it. #}
{% macro property_zones(pms) -%}
    {%- set code = {'realpage': 'realpage_site_id', 'yardi': 'yardi_property_code'}[pms] -%}
    select
        {{ code }} as code,
        min(timezone) as timezone
    from {{ ref('properties') }}
    where {{ code }} is not null
    group by {{ code }}
{%- endmacro %}
