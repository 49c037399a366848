{#
    One test a model, out of its declaration: primary key, not-nulls, accepted values. A failing row says which
    check, which key and which column. Foreign keys are Postgres' own business (restore_foreign_keys).
#}
{% test contract(model) %}
    {% if execute %}
        {% set columns = declared_columns(node_of(model.identifier)) %}
        {% set key = columns | selectattr('primary_key') | map(attribute='name') | first %}
        select 'primary_key' as check_name, {{ adapter.quote(key) }}::text as key, '{{ key }}' as column_name
        from {{ model }}
        group by {{ adapter.quote(key) }}
        having count(*) > 1 or {{ adapter.quote(key) }} is null
        {% for column in columns if column.not_null %}
            union all
            select 'not_null', {{ adapter.quote(key) }}::text, '{{ column.name }}'
            from {{ model }}
            where {{ adapter.quote(column.name) }} is null
        {% endfor %}
        {% for column in columns if column.accepted_values %}
            union all
            select 'accepted_values', {{ adapter.quote(key) }}::text, '{{ column.name }}'
            from {{ model }}
            where {{ adapter.quote(column.name) }}::text not in (
                {%- for value in column.accepted_values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor -%}
            )
        {% endfor %}
    {% else %}
        select 1
    {% endif %}
{% endtest %}


{% macro node_of(name) %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.name == name %}
        {{ return(node) }}
    {% endfor %}
    {{ exceptions.raise_compiler_error("No model is called '" ~ name ~ "'.") }}
{% endmacro %}
