{#
    One test a model, out of its declaration: primary key or, for a mart, its grain; not-nulls, accepted values. A
    failing row says which check, which key and which column. Foreign keys are Postgres' own business
    (restore_foreign_keys).
#}
{% test contract(model) %}
    {% if execute %}
        {% set node = node_of(model.identifier) %}
        {% set columns = declared_columns(node) %}
        {% set grain = node.config.meta.get('grain', columns | selectattr('primary_key') | map(attribute='name') | list) %}
        {% set key -%}
            concat_ws('/', {% for name in grain %}coalesce({{ adapter.quote(name) }}::text, '(none)'){{ ', ' if not loop.last }}{% endfor %})
        {%- endset %}
        select 'primary_key' as check_name, {{ key }} as key, '{{ grain | join(', ') }}' as column_name
        from {{ model }}
        group by {{ key }}
        having count(*) > 1 {{ 'or ' ~ key ~ " = '(none)'" if grain | length == 1 }}
        {% for column in columns if column.not_null %}
            union all
            select 'not_null', {{ key }}, '{{ column.name }}'
            from {{ model }}
            where {{ adapter.quote(column.name) }} is null
        {% endfor %}
        {% for column in columns if column.accepted_values %}
            union all
            select 'accepted_values', {{ key }}, '{{ column.name }}'
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
