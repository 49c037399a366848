{#
    Put back every declared foreign key that is missing, when a run ends.

    Declared = a column's `meta.references` names a model of its own schema: its `id`, or `table.column`, which has
    to be unique there. One that names a table which is not built yet waits until that table exists. Keys are checked
    by Postgres as they are added; those of a table that others write (lean_state) only for what is written from then
    on, so that no old row of theirs can stop a run.
#}
{% macro restore_foreign_keys() %}
    {% if execute and flags.WHICH in ('run', 'build') %}
        {{ adapter.dispatch('restore_foreign_keys')() }}
    {% endif %}
{% endmacro %}

{% macro postgres__restore_foreign_keys() %}
    {% set existing = run_query("
        select c.conname, n.nspname || '.' || t.relname as child
        from pg_constraint c
        inner join pg_class t on t.oid = c.conrelid
        inner join pg_namespace n on n.oid = t.relnamespace
        where c.contype = 'f'") %}
    {% set present = [] %}
    {% for row in existing %}{% do present.append(row['child'] ~ '.' ~ row['conname']) %}{% endfor %}
    {% set tables = run_query("
        select table_schema || '.' || table_name as name
        from information_schema.tables where table_type = 'BASE TABLE'").columns['name'].values() | list %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and node.schema ~ '.' ~ node.alias in tables %}
        {% for column in declared_columns(node) if column.references %}
            {% set constraint = node.alias ~ '_' ~ column.name ~ '_fkey' %}
            {% set parent, _, key = column.references.partition('.') %}
            {% if node.schema ~ '.' ~ parent in tables and node.schema ~ '.' ~ node.alias ~ '.' ~ constraint not in present %}
                alter table {{ adapter.quote(node.schema) }}.{{ adapter.quote(node.alias) }}
                    add constraint {{ adapter.quote(constraint) }}
                    foreign key ({{ adapter.quote(column.name) }})
                    references {{ adapter.quote(node.schema) }}.{{ adapter.quote(parent) }} ({{ adapter.quote(key or 'id') }})
                    {{- ' not valid' if node.config.materialized == 'lean_state' }};
            {% endif %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
