{#
    The day the models are computed for, as a SQL literal: the var, else HEADWATER_AS_OF (the sandbox's last day, say),
    else the day the run started on, there.
#}
{% macro as_of() -%}
    {%- set told = var('as_of') or env_var('HEADWATER_AS_OF', '') -%}
    {%- if told -%}
        date '{{ told }}'
    {%- else -%}
        {%- set zone = modules.pytz.timezone(var('business_timezone')) -%}
        date '{{ run_started_at.astimezone(zone).strftime("%Y-%m-%d") }}'
    {%- endif -%}
{%- endmacro %}

{# The business day a moment falls on. #}
{% macro business_day(moment) -%}
    (({{ moment }}) at time zone '{{ var("business_timezone") }}')::date
{%- endmacro %}


{# The last anniversary of a day on or before another day: that calendar year's, or the one before. #}
{% macro last_anniversary(day, on) -%}
    {%- set years -%}
        (extract(year from {{ on }}) - extract(year from {{ day }}))::integer
    {%- endset -%}
    case
        when ({{ day }} + make_interval(years => {{ years }}))::date <= {{ on }}
            then ({{ day }} + make_interval(years => {{ years }}))::date
        else ({{ day }} + make_interval(years => {{ years }} - 1))::date
    end
{%- endmacro %}
