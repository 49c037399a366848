{#
    A table, built bare and then swapped in with its keys.

    dbt's stock table costs a rename, a backup and an insert under constraints. Here: create table as; add the
    not-nulls the model declares (one that a row breaks is left out, so that no row is lost; the model's
    contract test names the row) and the primary key; drop the old table, rename. Dropping it drops the foreign
    keys that point to it: restore_foreign_keys, on run end, puts back every declared one.
#}
{% materialization lean_table, default %}
    {%- set target_relation = api.Relation.create(
        database=database, schema=schema, identifier=model['alias'], type='table') -%}
    {%- set built = api.Relation.create(
        database=database, schema=schema, identifier=model['alias'] ~ '__built', type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent(sql) %}
    {% endif %}
    {% set old = load_cached_relation(this) %}
    {% if old and not old.is_table %}{% do adapter.drop_relation(old) %}{% endif %}
    {% call statement('main') %}
        {{ build_bare(sql, built) }}
    {% endcall %}
    {% call statement('swap') %}
        {{ swap_in(built, target_relation, declared_columns(model), model.config.get('meta', {}).get('grain')) }}
    {% endcall %}
    {% do create_indexes(target_relation) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro build_bare(sql, built) %}
    {{ return(adapter.dispatch('build_bare')(sql, built)) }}
{% endmacro %}

{% macro postgres__build_bare(sql, built) %}
    set local timezone to 'UTC';
    set local datestyle to 'ISO, YMD';
    drop table if exists {{ built }};
    create table {{ built }} as
    {{ sql }}
{% endmacro %}


{% macro swap_in(built, target_relation, columns, grain=none) %}
    {{ return(adapter.dispatch('swap_in')(built, target_relation, columns, grain)) }}
{% endmacro %}

{# `grain`: the columns that tell a mart's rows apart. One of them may be null, so it is a unique key and no primary one. #}
{% macro postgres__swap_in(built, target_relation, columns, grain) %}
    {# One swap at a time: two that cascade into each other's keys and into one view would wait for each other. #}
    select pg_advisory_xact_lock(hashtext('headwater swap'));
    {% for column in columns if column.not_null %}
        do $$ begin
            alter table {{ built }} alter column {{ adapter.quote(column.name) }} set not null;
        exception when not_null_violation then
            raise notice '{{ target_relation.identifier }}.{{ column.name }} holds nulls';
        end $$;
    {% endfor %}
    drop table if exists {{ target_relation }} cascade;
    alter table {{ built }} rename to {{ adapter.quote(target_relation.identifier) }};
    {% for column in columns if column.primary_key %}
        alter table {{ target_relation }}
            add constraint {{ adapter.quote(target_relation.identifier ~ '_pkey') }}
            primary key ({{ adapter.quote(column.name) }});
    {% endfor %}
    {% if grain %}
        alter table {{ target_relation }}
            add constraint {{ adapter.quote(target_relation.identifier ~ '_key') }}
            unique nulls not distinct ({{ grain | join(', ') }});
    {% endif %}
    analyze {{ target_relation }};
{% endmacro %}
