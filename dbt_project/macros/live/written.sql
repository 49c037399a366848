{#
    Amounts, days and moments that people or other programs wrote as text: dotloop's forms, Lofty's moments. What
    does not fit is null, never an error.
#}

{# An amount with or without $ and thousands commas: '$1,250,000.00', '110000.0'. Negative in front or in brackets no. #}
{% macro written_amount(text) -%}
    {%- set plain = "regexp_replace(" ~ text ~ ", '[$,[:space:]]', '', 'g')" -%}
    case
        when {{ text }} ~ '^\s*[$]?\s*([0-9]{1,3}(,[0-9]{3})+|[0-9]{1,12})([.][0-9]*)?\s*$' and length(split_part({{ plain }}, '.', 1)) <= 12
            then round({{ plain }}::numeric, 2)
    end
{%- endmacro %}


{# A day as dotloop's forms write it, '03/05/2017' (month first) or 'March 05, 2017', or as an ISO text begins. #}
{% macro written_day(text) -%}
    {%- set trimmed = 'btrim(' ~ text ~ ')' -%}
    {%- set named = "regexp_match(" ~ trimmed ~ ", '^([A-Za-z]{3})[a-z]*[.]? ([0-9]{1,2}),? ([0-9]{4})$')" -%}
    {%- set months = "array['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']" -%}
    {%- set iso -%}
        case
            when {{ trimmed }} ~ '^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$' then concat_ws(
                '-', split_part({{ trimmed }}, '/', 3), split_part({{ trimmed }}, '/', 1), split_part({{ trimmed }}, '/', 2)
            )
            when {{ named }} is not null then concat_ws(
                '-', ({{ named }})[3], coalesce(array_position({{ months }}, lower(({{ named }})[1])), 13), ({{ named }})[2]
            )
            when {{ trimmed }} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$' then left({{ trimmed }}, 10)
        end
    {%- endset -%}
    case when pg_input_is_valid({{ iso }}, 'date') then ({{ iso }})::date end
{%- endmacro %}


{#
    A moment that a source writes in four ways: ISO with Z, with an offset, without a zone, or milliseconds. Three helper
    columns, and the moment out of them; `zone` is what a text without a zone means.
#}
{% macro loose_moment_columns(name, path) %}
    {{ return([
        helper_column(name ~ '_text', 'text', path),
        helper_column(name ~ '_iso', 'timestamptz', path, 'iso'),
        helper_column(name ~ '_ms', 'timestamptz', path, 'epoch_ms')
    ]) }}
{% endmacro %}

{% macro loose_moment(name, zone) -%}
    coalesce(
        case
            when btrim(doc.{{ name }}_text) ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+$'
                then (doc.{{ name }}_iso at time zone 'UTC') at time zone '{{ zone }}'
            else doc.{{ name }}_iso
        end,
        doc.{{ name }}_ms
    )
{%- endmacro %}


{# What somebody wrote and V2 could not read as an amount or a day. `texts`: {column: SQL of the text}. #}
{% test unread_texts(model, texts) %}
    {%- for column, text in texts.items() %}
    {{ 'union all' if not loop.first }}
    select
        id,
        '{{ column }}' as column_name,
        {{ text }} as written
    from {{ model }}
    where {{ adapter.quote(column) }} is null and btrim({{ text }}) <> ''
    {%- endfor %}
{% endtest %}
