{#
    A V2 table out of one V1 table, by the model's declaration: one row a document.

    landed    the V1 table (its landing name)
    parents   {V2 table: V1 table that gives it its ids} for every table the columns refer to: dbt must know
              them before it reads the YAML. A reference that is not in its parent becomes null here and a row
              in recon_orphan_references. A parent that is no model yet is left out and left unchecked.
    computed  {column: SQL over `doc`} for columns of rule `computed`; doc has every column with a path
    where     SQL over `doc`: which documents have a row
    lookups   {name: SQL} of what the computed columns need besides, as CTEs
    joins     how the lookups join `doc`: left joins that find at most one row each
#}
{% macro v2_entity(landed, parents={}, computed={}, where='true', lookups={}, joins='') %}
    {%- set relation = source('staging_v1', landed) -%}
    {%- do known_ids(parents) -%}
    {%- if not execute -%}
        {{ return('select 1') }}
    {%- endif -%}
    {%- set columns = declared_columns(model) -%}
    with doc as (
        {{ extract(relation, columns) }}
    )
    {{- ',' if parents }}
    {{ known_ids(parents) }}
    {%- for name, lookup in lookups.items() %},

    {{ name }} as (
        {{ lookup }}
    )
    {%- endfor %}
    select
        {%- for column in columns %}
        {{ v2_column(column, parents, computed) }} as {{ adapter.quote(column.name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from doc
    {{ joins }}
    where {{ where }}
{% endmacro %}


{% macro v2_column(column, parents, computed) %}
    {%- if column.name in computed -%}
        ({{ computed[column.name] }})::{{ column.type }}
    {%- elif column.rule == 'computed' -%}
        {{ exceptions.raise_compiler_error(model.name ~ "." ~ column.name ~ " is declared as computed, and the model does not compute it.") }}
    {%- elif column.references in parents -%}
        {{ known_or_null('doc.' ~ adapter.quote(column.name), column.references) }}
    {%- elif column.references and entity_nodes() | selectattr('name', 'equalto', column.references) | list -%}
        {{ exceptions.raise_compiler_error(model.name ~ "." ~ column.name ~ " refers to v2." ~ column.references ~ ": name it in the model's parents.") }}
    {%- else -%}
        doc.{{ adapter.quote(column.name) }}
    {%- endif -%}
{% endmacro %}
