{#
    Drift of one V1 table: keys its documents carry and nothing declares ('unmapped_fields'), and declared
    paths that no document carries, such as a misspelt one ('dead_paths').

    Declared = a column's `path`, or the model's `meta.v1.also` (keys its SQL reads besides).
#}
{% macro unmapped_fields(v1_table) %}
    {% set declared = [] %}
    {% for node in entity_nodes() %}
        {% set v1 = node.config.meta.v1 %}
        {% for column in declared_columns(node) if v1.table == v1_table %}
            {% for path in column.paths if path != 'id' %}{% do declared.append(path) %}{% endfor %}
        {% endfor %}
        {% for path in v1.get('also', {}).get(v1_table, []) %}{% do declared.append(path) %}{% endfor %}
    {% endfor %}
    {% set declared = declared | unique | sort %}
    {% set nested = [] %}
    {% for path in declared if '.*' in path %}{% do nested.append(path.split('.*')[0]) %}{% endfor %}
    {% set nested = nested | unique | list %}
    select
        found.*,
        coalesce(exception.reason is not null, false) as accepted,
        exception.reason
    from (
        select
            case when declared.path is null then 'unmapped_fields' else 'dead_paths' end as check_name,
            '{{ v1_table }}'::text as table_name,
            coalesce(seen.path, declared.path) as column_name,
            null::text as key,
            coalesce(seen.documents, 0) as documents,
            seen.example_type,
            seen.first_seen
        from (
            select
                carried.path,
                count(*) as documents,
                min(carried.type) as example_type,
                min(carried.extracted_at) as first_seen
            from (
                select field.key as path, jsonb_typeof(field.value) as type, landed.extracted_at
                from {{ staging(v1_table) }} as landed
                cross join {{ object_fields('landed.payload') }} as field
                where true
                    {# An object is looked into below; anything else that says something is not read by anyone. #}
                    {%- for prefix in nested %}
                    and not (
                        field.key = '{{ prefix }}'
                        and (jsonb_typeof(field.value) = 'object' or field.value in ('""', '[]', 'null', 'false', '0'))
                    )
                    {%- endfor %}
                {%- for prefix in nested %}
                union all
                select
                    '{{ prefix }}.*' || coalesce('.' || inner_field.key, ''),
                    case when inner_field.key is null then jsonb_typeof(element.value) else jsonb_typeof(inner_field.value) end,
                    landed.extracted_at
                from {{ staging(v1_table) }} as landed
                cross join {{ object_fields("landed.payload -> '" ~ prefix ~ "'") }} as element
                left join {{ object_fields('element.value') }} as inner_field on true
                {%- endfor %}
            ) as carried
            group by carried.path
        ) as seen
        full join (
            select unnest(array[
                {%- for path in declared %}'{{ path }}'{{ ', ' if not loop.last }}{% endfor -%}
            ]::text[]) as path
        ) as declared on declared.path = seen.path
        where (seen.path is null or declared.path is null)
            {%- for prefix in nested %}
            and (coalesce(seen.path, declared.path) <> '{{ prefix }}.*' or seen.example_type not in ('object', 'null'))
            {%- endfor %}
    ) as found
    {{ join_exceptions('found') }}
{% endmacro %}


{# The V1 tables that V2 models read, by their declarations. #}
{% macro v1_tables_read() %}
    {% set tables = [] %}
    {% for node in entity_nodes() %}
        {% do tables.append(node.config.meta.v1.table) %}
        {% do tables.extend(node.config.meta.v1.get('also', {}).keys()) %}
    {% endfor %}
    {{ return(tables | unique | sort) }}
{% endmacro %}
