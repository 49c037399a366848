{#
    A stable id from natural parts: 52 bits of a hash, set at or above 2^52 and below 2^53. So it never meets an
    id V1 gave, and JavaScript still keeps it exactly. The same parts give the same id on every run and machine.
#}
{% macro surrogate(parts) %}
    {{ return(adapter.dispatch('surrogate')(parts)) }}
{% endmacro %}

{% macro postgres__surrogate(parts) -%}
    (4503599627370496 + ('x' || substr(md5(
        {%- for part in parts -%}
            coalesce(({{ part }})::text, '') {{ "|| '|' ||" if not loop.last }}
        {%- endfor -%}
    ), 1, 13))::bit(52)::bigint)
{%- endmacro %}


{# The id of a row that only a live source has: of its table and natural key. #}
{% macro live_id(table, natural_key) -%}
    {{ surrogate(["'" ~ table ~ "'", natural_key]) }}
{%- endmacro %}
