{#
    A view, replaced without looking at dbt's cache: a table swapped in beneath it took it along, and the cache
    does not know.
#}
{% materialization lean_view, default %}
    {%- set target_relation = api.Relation.create(
        database=database, schema=schema, identifier=model['alias'], type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% set old = load_cached_relation(this) %}
    {% if old and not old.is_view %}{% do adapter.drop_relation(old) %}{% endif %}
    {% call statement('main') %}
        select pg_advisory_xact_lock(hashtext('headwater swap'));  -- see swap_in
        drop view if exists {{ target_relation }} cascade;
        create view {{ target_relation }} as
        {{ sql }};
        {{ descriptions(target_relation, model) }}
    {% endcall %}
    {# Not before: what the check reads would stay locked while this waits for its turn. #}
    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent('select * from ' ~ target_relation) %}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
