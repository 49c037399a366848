{#
    Changes of live rows, each written down once: a history table keeps what it observed in earlier runs, and adds what
    is new since. Belongs here: reading what is kept. Does not belong here: what counts as a change (the models).
#}

{# Rows that this model's table holds of earlier runs and V1 does not tell; none while there is no such table. #}
{% macro observed_so_far(columns) %}
    {%- if not execute %}{{ return('select 1') }}{% endif -%}  {# the YAML is not read yet #}
    {%- set wanted = declared_columns(model) | selectattr('name', 'in', columns) | list -%}
    {%- set held = load_cached_relation(this) -%}
    {%- set names = adapter.get_columns_in_relation(held) | map(attribute='name') | list if held else [] -%}
    select
        {%- for column in wanted %}
        {{ adapter.quote(column.name) if '_source' in names else 'null::' ~ column.type ~ ' as ' ~ adapter.quote(column.name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- if '_source' in names %}
    from {{ held }}
    where _source <> 'v1'
    {%- else %}
    where false
    {%- endif %}
{% endmacro %}
