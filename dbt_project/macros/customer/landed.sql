{#
    The customer app's tables, as they landed, in their types.

    Belongs here: how a landed row is read, which tables and columns the source has. Does not belong here: what is
    counted (counted.sql).
#}

{#
    An entity out of one landed table, by the model's declaration: one row a row that stands in the source. A column is
    read under its own name. A reference to what is no row of its parent becomes null here, and a row of the test
    lost_references.

    parents   {column: relation} for the columns that refer to another table
    computed  {column: SQL over `doc`} for columns of rule `computed`
    also      helper_columns to extract besides
    joins     how lookups join `doc`: left joins that find at most one row each
    where     SQL: which rows count
#}
{% macro customer_entity(table, parents={}, computed={}, also=[], joins='', where='true') %}
    {%- set relation = source('staging_customer', table) -%}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}  {# the YAML is not read yet #}
    {%- set columns = declared_columns(model) -%}
    with doc as (
        {{ customer_rows(relation, columns | rejectattr('name', 'in', computed) | list + also) }}
    )
    select
        {%- for column in columns %}
        {% if column.name in computed -%}
            ({{ computed[column.name] }})::{{ column.type }}
        {%- elif column.name in parents -%}
            of_{{ column.name }}.{{ column.references.partition('.')[2] or 'id' }}
        {%- else -%}
            doc.{{ adapter.quote(column.name) }}{{ '::' ~ column.type if column.type.startswith('numeric') }}
        {%- endif %} as {{ adapter.quote(column.name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from doc
    {%- for column in columns if column.name in parents %}
    left join {{ parents[column.name] }} as of_{{ column.name }}
        on of_{{ column.name }}.{{ column.references.partition('.')[2] or 'id' }} = doc.{{ adapter.quote(column.name) }}
    {%- endfor %}
    {{ joins }}
    where {{ where }}
{% endmacro %}


{# Columns of the rows that stand in the source, in their types, and `request`: what the row does not say itself. #}
{% macro customer_rows(relation, columns) %}
    {%- set wanted, lists = [], [] -%}
    {%- for column in columns -%}
        {%- set is_list = column.type == 'text[]' -%}
        {%- do lists.append(column.name) if is_list -%}
        {%- do wanted.append(dict(
            column,
            paths=column.paths or [column.name],
            type='jsonb' if is_list else column.type,
            rule='iso' if column.type == 'timestamptz' else column.rule
        )) -%}
    {%- endfor %}
    select
        {%- for column in columns if column.name in lists %}
        {{ text_list('typed.' ~ adapter.quote(column.name)) }} as {{ adapter.quote(column.name) }},
        {%- endfor %}
        {%- for column in columns if column.name not in lists %}
        typed.{{ adapter.quote(column.name) }},
        {%- endfor %}
        typed.request
    from (
        {{ adapter.dispatch('extract')(
            '(select request, payload from ' ~ relation ~ ' where deleted_at is null)', wanted, ['landed.request'], 'landed.payload'
        ) }}
    ) as typed
{% endmacro %}


{# The texts of a JSON array; null for none. #}
{% macro text_list(json) -%}
    case when jsonb_typeof({{ json }}) = 'array' then array(select jsonb_array_elements_text({{ json }})) end
{%- endmacro %}


{#
    Does the source have a table, and in it a column? The connector writes down what it found. What the source lacks is
    null in a mart: 0 would say that nobody did what nobody could see.
#}
{% macro customer_has(table, column=none) -%}
    exists (
        select from {{ source('staging_customer', 'shape') }} as found
        where
            found.deleted_at is null
            and jsonb_typeof(found.payload #> '{tables,{{ table }}}') = 'object'
            {%- if column %}
            and not coalesce(found.payload #> '{tables,{{ table }},missing}' ? '{{ column }}', false)
            {%- endif %}
    )
{%- endmacro %}


{#
    Is the user left out of every mart? By his number, var `customer_excluded_user_ids`, or as the administrator: the
    one whose e-mail address has the SHA-256 that HEADWATER_CUSTOMER_ADMIN_SHA256 (or var `customer_admin_sha256`)
    tells. So the address itself stands in no compiled SQL. To make it:
    printf %s "$address" | tr A-Z a-z | sha256sum
#}
{% macro is_excluded(user_id, email) -%}
    {%- set told = var('customer_admin_sha256', none) or env_var('HEADWATER_CUSTOMER_ADMIN_SHA256', '') -%}
    {%- if told and not modules.re.fullmatch('[0-9a-f]{64}', told) -%}
        {{ exceptions.raise_compiler_error(
            'customer_admin_sha256 is no SHA-256 of an address: 64 hex digits in lower case, never the address itself.'
        ) }}
    {%- endif -%}
    {%- set numbers = var('customer_excluded_user_ids', []) -%}
    {%- set conditions = [] -%}
    {%- do conditions.append(user_id ~ ' in (' ~ numbers | map('int') | join(', ') ~ ')') if numbers -%}
    {%- do conditions.append("coalesce(encode(sha256(convert_to(lower(btrim(" ~ email ~ ")), 'UTF8')), 'hex') = '" ~ told ~ "', false)") if told -%}
    {{ conditions | join(' or ') or 'false' }}
{%- endmacro %}


{#
    Whose personal data the app has deleted, `(user_id, noticed_at)`: marked as deleted, or some time later gone. Older
    tables may still hold some of them, and nobody is to read them there.
#}
{% macro customer_erased() -%}
    select
        key::integer as user_id,
        coalesce(deleted_at, extracted_at) as noticed_at
    from {{ source('staging_customer', 'l0_pii_users') }}
    where deleted_at is not null or payload ->> 'deleted_at' is not null
{%- endmacro %}


{# Of several questionnaires of a user what the newest says that says anything. #}
{% macro latest_answer(column) -%}
    (array_agg({{ column }} order by coalesce(updated_at, created_at) desc nulls last, id desc)
        filter (where {{ column }} is not null))[1]
{%- endmacro %}
