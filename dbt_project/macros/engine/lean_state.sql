{#
    A table that keeps what others write into it: where a connector has got to, what it still has to fetch.

    Made from the model's declaration when it is not there; a column declared since is added. Never emptied, never
    dropped, also not by a full refresh; a column that changes its type or goes is a migration by hand. The model's
    SQL is `standing()`: it only lets dbt hold the contract against the declaration.
#}
{% materialization lean_state, default %}
    {%- set target_relation = api.Relation.create(
        database=database, schema=schema, identifier=model['alias'], type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent(sql) %}
    {% endif %}
    {% call statement('main') %}
        {{ keep_table(target_relation, declared_columns(model)) }}
        {{ descriptions(target_relation, model) }}
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro keep_table(target_relation, columns) %}
    {{ return(adapter.dispatch('keep_table')(target_relation, columns)) }}
{% endmacro %}

{% macro postgres__keep_table(target_relation, columns) %}
    create table if not exists {{ target_relation }} (
        {%- for column in columns %}
        {{ adapter.quote(column.name) }} {{ column.type }}
        {{- ' primary key' if column.primary_key }}{{ ',' if not loop.last }}
        {%- endfor %}
    );
    alter table {{ target_relation }}
        {%- for column in columns %}
        add column if not exists {{ adapter.quote(column.name) }} {{ column.type }}{{ ',' if not loop.last }}
        {%- endfor %};
    {% for column in columns if column.not_null %}
        do $$ begin
            alter table {{ target_relation }} alter column {{ adapter.quote(column.name) }} set not null;
        exception when not_null_violation then
            raise notice '{{ target_relation.identifier }}.{{ column.name }} holds nulls';
        end $$;
    {% endfor %}
{% endmacro %}
