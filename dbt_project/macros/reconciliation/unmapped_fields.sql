{#
    Drift of one V1 table: keys its documents carry and nothing declares ('unmapped_fields'), and declared
    paths that no document carries, such as a misspelt one ('dead_paths').

    Declared = a column's `path`, or the model's `meta.v1.also` (keys its SQL reads besides). Where a declared path
    goes into an object (`address.city`) or into the elements of an array (`history.*.price`), the drift is watched
    there too, unless a jsonb column takes the object as a whole.
#}
{% macro unmapped_fields(v1_table) %}
    {% set declared, whole = [], [] %}
    {% for node in entity_nodes() %}
        {% set v1 = node.config.meta.v1 %}
        {% for column in declared_columns(node) if v1.table == v1_table %}
            {% for path in column.paths if path != 'id' %}{% do declared.append(path) %}{% endfor %}
            {% if column.type == 'jsonb' %}{% do whole.extend(column.paths) %}{% endif %}
        {% endfor %}
        {% for path in v1.get('also', {}).get(v1_table, []) %}{% do declared.append(path) %}{% endfor %}
    {% endfor %}
    {% set declared = declared | unique | sort %}
    {% set inside, looked_into = [], [] %}  {# what is declared inside an object or array, and those to look into #}
    {% for path in declared if '.' in path %}
        {% do inside.append(path) %}
        {% if path.split('.')[0] not in whole %}
            {% do looked_into.append(path.split('.*')[0] ~ '.*' if '.*' in path else path.split('.')[0]) %}
        {% endif %}
    {% endfor %}
    {% set looked_into = looked_into | unique | list %}
    {% set declared = declared | reject('in', unwatched(inside, whole)) | list %}
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
                    {# What is looked into below; anything else that says something is not read by anyone. #}
                    {%- for prefix in looked_into if prefix.removesuffix('.*') not in declared %}
                    and not (
                        field.key = '{{ prefix.removesuffix('.*') }}'
                        and (jsonb_typeof(field.value) in ('object', 'array') or field.value in ('""', 'null', 'false', '0'))
                    )
                    {%- endfor %}
                {%- for prefix in looked_into if prefix.endswith('.*') %}
                union all
                select
                    '{{ prefix }}' || coalesce('.' || inner_field.key, ''),
                    case when inner_field.key is null then jsonb_typeof(element.value) else jsonb_typeof(inner_field.value) end,
                    landed.extracted_at
                from {{ staging(v1_table) }} as landed
                cross join {{ members("landed.payload -> '" ~ prefix.removesuffix('.*') ~ "'") }} as element (value)
                left join {{ object_fields('element.value') }} as inner_field on true
                {%- endfor %}
                {%- for prefix in looked_into if not prefix.endswith('.*') %}
                union all
                select '{{ prefix }}.' || field.key, jsonb_typeof(field.value), landed.extracted_at
                from {{ staging(v1_table) }} as landed
                cross join {{ object_fields("landed.payload -> '" ~ prefix ~ "'") }} as field
                {%- endfor %}
            ) as carried
            group by carried.path
        ) as seen
        full join (
            select unnest(array[
                {%- for path in declared %}'{{ path }}'{{ ', ' if not loop.last }}{% endfor -%}
            ]::text[]) as path
        ) as declared on declared.path = seen.path
        {#- Where there is no document, none lacks a path. #}
        where (seen.path is null or declared.path is null)
            and (declared.path is null or exists (select from {{ staging(v1_table) }}))
            {#- Of an element that is an object only the fields are declared. #}
            {%- for prefix in looked_into if prefix.endswith('.*') %}
            and (coalesce(seen.path, declared.path) <> '{{ prefix }}' or seen.example_type not in ('object', 'null'))
            {%- endfor %}
    ) as found
    {{ join_exceptions('found') }}
{% endmacro %}


{# Declared paths inside an object that a jsonb column takes whole: not watched for drift. #}
{% macro unwatched(inside, whole) %}
    {% set paths = [] %}
    {% for path in inside if path.split('.')[0] in whole %}{% do paths.append(path) %}{% endfor %}
    {{ return(paths) }}
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
