{#
    A table, built bare and then swapped in with its keys.

    dbt's stock table costs a rename, a backup and an insert under constraints. Here: create table as; hold the
    contract against what was made, which needs no second planning of the model's SQL; add the not-nulls the model
    declares (one that a row breaks is left out, so that no row is lost; the model's contract test names the row),
    keys, indexes and descriptions; drop the old table, rename. Dropping it drops the foreign keys that point to it:
    restore_foreign_keys, on run end, puts back every declared one. All in two statements: dbt takes milliseconds
    of Python for each.
#}
{% materialization lean_table, default %}
    {%- set target_relation = api.Relation.create(
        database=database, schema=schema, identifier=model['alias'], type='table') -%}
    {%- set built = api.Relation.create(
        database=database, schema=schema, identifier=model['alias'] ~ '__built', type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% set old = load_cached_relation(this) %}
    {% if old and not old.is_table %}{% do adapter.drop_relation(old) %}{% endif %}
    {% call statement('main') %}
        {{ build_bare(typed(sql, model), built) }}
    {% endcall %}
    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent('select * from ' ~ built) %}
    {% endif %}
    {# Lets go of what was read: a swap may wait for a lock on it while this one waits for its turn to swap. #}
    {% do adapter.commit() %}
    {% call statement('swap') %}
        {{ finish(built, model) }}
        {{ swap_in(built, target_relation) }}
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#
    The model's SQL with the declared lengths and scales: a `case` or `coalesce` of numeric(14,2) and another numeric
    gives a numeric of any scale, and dbt's contract does not look at scales.
#}
{% macro typed(sql, node) %}
    {% set columns = declared_columns(node) %}
    {% if '(' not in columns | map(attribute='type') | join %}{{ return(sql) }}{% endif %}
    {% set wanted %}
        select
            {%- for column in columns %}
            {{ adapter.quote(column.name) }}{{ '::' ~ column.type if '(' in column.type }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            {{ sql }}
        ) as model
    {% endset %}
    {{ return(wanted) }}
{% endmacro %}


{% macro build_bare(sql, built) %}
    {{ return(adapter.dispatch('build_bare')(sql, built)) }}
{% endmacro %}

{% macro postgres__build_bare(sql, built) %}
    set local timezone to 'UTC';
    set local datestyle to 'ISO, YMD';
    {# Room for the ids of the largest parent: where they do not fit, Postgres looks through all of them for every row. #}
    set local work_mem to '128MB';
    drop table if exists {{ built }};
    create table {{ built }} as
    {{ sql }}
{% endmacro %}


{# What a built table has besides its rows: not-nulls, keys, indexes, descriptions, statistics. #}
{% macro finish(built, node) %}
    {{ return(adapter.dispatch('finish')(built, node)) }}
{% endmacro %}

{# meta.grain: the columns that tell a mart's rows apart. One of them may be null, so it is a unique key and no primary one. #}
{% macro postgres__finish(built, node) %}
    {% set grain = node.config.get('meta', {}).get('grain') %}
    {% for column in declared_columns(node) %}
        {% if column.not_null %}
            do $$ begin
                alter table {{ built }} alter column {{ adapter.quote(column.name) }} set not null;
            exception when not_null_violation then
                raise notice '{{ node.alias }}.{{ column.name }} holds nulls';
            end $$;
        {% endif %}
        {% if column.primary_key %}
            alter table {{ built }}
                add constraint {{ adapter.quote(built.identifier ~ '_pkey') }}
                primary key ({{ adapter.quote(column.name) }});
        {% endif %}
    {% endfor %}
    {% if grain %}
        alter table {{ built }}
            add constraint {{ adapter.quote(built.identifier ~ '_key') }}
            unique nulls not distinct ({{ grain | join(', ') }});
    {% endif %}
    {% for index in config.get('indexes', []) %}{{ get_create_index_sql(built, index) }};{% endfor %}
    {{ descriptions(built, node) }}
    analyze {{ built }};
{% endmacro %}


{% macro swap_in(built, target_relation) %}
    {{ return(adapter.dispatch('swap_in')(built, target_relation)) }}
{% endmacro %}

{% macro postgres__swap_in(built, target_relation) %}
    {# One swap at a time: two that cascade into each other's keys and into one view would wait for each other. #}
    select pg_advisory_xact_lock(hashtext('headwater swap'));
    drop table if exists {{ target_relation }} cascade;
    alter table {{ built }} rename to {{ adapter.quote(target_relation.identifier) }};
    do $$
    declare
        made record;
    begin
        for made in
            select conname as name, overlay(conname placing '{{ target_relation.identifier }}' from 1 for {{ built.identifier | length }}) as final_name
            from pg_constraint
            where conrelid = '{{ target_relation }}'::regclass and starts_with(conname, '{{ built.identifier }}_')
        loop
            execute format('alter table {{ target_relation }} rename constraint %I to %I', made.name, made.final_name);
        end loop;
    end $$;
{% endmacro %}


{# Comments on a table or view and its columns, as one text of SQL: dbt's own way asks for the columns twice. #}
{% macro descriptions(relation, node) %}
    {{ return(adapter.dispatch('descriptions')(relation, node)) }}
{% endmacro %}

{% macro postgres__descriptions(relation, node) %}
    {% if config.persist_relation_docs() and node.description %}
        {{ alter_relation_comment(relation, node.description) }}
    {% endif %}
    {% if config.persist_column_docs() %}
        {% for column in node.columns.values() if column.description %}
            comment on column {{ relation }}.{{ adapter.quote(column.name) }}
                is {{ postgres_escape_comment(column.description) }};
        {% endfor %}
    {% endif %}
{% endmacro %}
