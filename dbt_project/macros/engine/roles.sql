{#
    What the role `analyst` may read, granted anew when a run ends: a table that was swapped in has no grants.

    Schemas: var `analyst_schemas`. Of a table there every column, but none that is declared `secret`; a model
    declared `secret` (`config.meta`) not at all. Nothing else in the warehouse: no landed payloads, no failing rows of
    tests, none of the customers' own tables. Who may read is a member: `grant analyst to ann`.

    The role is made where it is missing. A warehouse user who may not create roles gets one line that says so, and
    every other grant once someone else has made it.
#}
{% macro grant_analyst() %}
    {% if execute and flags.WHICH in ('run', 'build') %}
        {{ adapter.dispatch('grant_analyst')() }}
    {% endif %}
{% endmacro %}

{% macro postgres__grant_analyst() %}
    {% set role = adapter.quote(var('analyst_role')) %}
    {% if not role_stands(var('analyst_role')) %}
        {% do log('The warehouse user may not create roles, so nobody reads as ' ~ var('analyst_role')
            ~ ': have it made by `create role ' ~ var('analyst_role') ~ '` and build again.', info=true) %}
        {{ return('') }}
    {% endif %}
    {% set standing = run_query("
        select n.nspname || '.' || c.relname as name
        from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'v', 'm')").columns['name'].values() | list %}
    {% for schema in var('analyst_schemas') %}
        {% set readable = [] %}
        {% for node in graph.nodes.values()
            if node.resource_type == 'model' and node.schema == schema and schema ~ '.' ~ node.alias in standing %}
            {% do readable.append(analyst_reads(node)) %}
        {% endfor %}
        {% if readable %}
    grant usage on schema {{ adapter.quote(schema) }} to {{ role }};
    revoke all on all tables in schema {{ adapter.quote(schema) }} from {{ role }};
            {% for grant in readable if grant %}
    grant {{ grant }} to {{ role }};
            {% endfor %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{# The right to read one model: `select on <table>`, or the columns one by one where some are secret; '' for none. #}
{% macro analyst_reads(node) %}
    {% set relation = adapter.quote(node.schema) ~ '.' ~ adapter.quote(node.alias) %}
    {% set columns = declared_columns(node) %}
    {% set open = columns | rejectattr('secret') | map(attribute='name') | map('tojson') | list %}
    {% if node.config.get('meta', {}).get('secret') or not open %}
        {{ return('') }}
    {% elif open | length == columns | length %}
        {{ return('select on ' ~ relation) }}
    {% endif %}
    {{ return('select (' ~ open | join(', ') ~ ') on ' ~ relation) }}
{% endmacro %}


{# Whether the role is there, made now if it may be. #}
{% macro role_stands(role) %}
    {% call statement('make_role') %}
        do $$ begin
            if to_regrole('{{ role }}') is null then
                create role {{ adapter.quote(role) }} nologin;
            end if;
        exception
            when insufficient_privilege or duplicate_object or unique_violation then null;
        end $$
    {% endcall %}
    {% do adapter.commit() %}
    {{ return(run_query("select to_regrole('" ~ role ~ "') is not null as stands").columns['stands'].values()[0]) }}
{% endmacro %}
