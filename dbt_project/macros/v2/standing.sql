{#
    No rows, with the declared columns and types: the SQL of a table that only stands. What fills it, if anything,
    writes to the table itself: see lean_state.
#}
{% macro standing() %}
    {%- if not execute %}{{ return('select 1') }}{% endif -%}  {# the YAML is not read yet #}
    select
        {%- for column in declared_columns(model) %}
        null::{{ column.type }} as {{ adapter.quote(column.name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}
