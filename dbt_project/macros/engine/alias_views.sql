{#
    Xano's own table names over the warehouse, in schema `xano`, so that SQL written for the old databases runs as it
    is: `mvpw1_<id> (id, xdo)` for every V1 table as it landed, `mvpw5_<id>` for every V2 table with a known Xano id,
    its moments in milliseconds since 1970 as Xano keeps them. A V2 table that is swapped in drops its view; so what
    is missing when a run ends is what has to be made.
#}
{% macro restore_alias_views() %}
    {% set needed = {'seeds': ['v1_table_map', 'v2_xano_ids'], 'staging_v1': ['landing_state']} %}
    {% set missing = [] %}
    {% if execute and flags.WHICH in ('run', 'build') %}
        {% for schema, tables in needed.items() %}
            {% for table in tables if not adapter.get_relation(target.database, schema, table) %}
                {% do missing.append(table) %}
            {% endfor %}
        {% endfor %}
        {{ adapter.dispatch('restore_alias_views')() if not missing }}
    {% endif %}
{% endmacro %}

{% macro postgres__restore_alias_views() %}
    create schema if not exists xano;
    do $$
    declare
        alias record;
        has_numbers boolean;
    begin
        for alias in
            select
                payload ->> 'relation' as name,
                key as landed_table
            from staging_v1.landing_state
            where payload ->> 'relation' <> '' and to_regclass(format('xano.%I', payload ->> 'relation')) is null
        loop
            execute format(
                $query$select coalesce(bool_and(key ~ '^[0-9]+$'), true) from (select key from staging_v1.%I limit 1) as first$query$,
                alias.landed_table
            ) into has_numbers;
            execute format(
                'create view xano.%I as select key::%s as id, payload as xdo from staging_v1.%I where deleted_at is null',
                alias.name, case when has_numbers then 'bigint' else 'uuid' end, alias.landed_table
            );
        end loop;
        for alias in
            select
                'mvpw5_' || known.xano_id as name,
                columns.table_name,
                string_agg(
                    case columns.data_type
                        when 'timestamp with time zone'
                            then format('(extract(epoch from %1$I) * 1000)::bigint as %1$I', columns.column_name)
                        else quote_ident(columns.column_name)
                    end, ', ' order by columns.ordinal_position
                ) as columns
            from (
                select
                    unnest(string_to_array(v2_tables, ' ')) as v2_table,
                    unnest(string_to_array(v2_ids, ' ')) as xano_id
                from seeds.v1_table_map
                union
                select v2_table, xano_id::text from seeds.v2_xano_ids
            ) as known
            inner join information_schema.columns
                on columns.table_schema = 'v2' and columns.table_name = known.v2_table
            where known.xano_id ~ '^[0-9]+$' and to_regclass('xano.mvpw5_' || known.xano_id) is null
            group by known.xano_id, columns.table_name
        loop
            execute format('create view xano.%I as select %s from v2.%I', alias.name, alias.columns, alias.table_name);
        end loop;
    end
    $$;
{% endmacro %}
