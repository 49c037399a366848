{#
    No mart says who somebody is: neither by a column's name nor in a value. A row names mart, column and kind, never
    the value.
#}

{% test no_personal_data(model) %}
    {%- do ref('l0_pii_users') -%}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}
    {%- set customer_marts = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.path.startswith('marts/customer/') -%}
        {%- do customer_marts.append(node.alias) -%}
    {%- endfor -%}
    {%- set columns = run_query("
        select table_name as mart, column_name as name
        from information_schema.columns
        where table_schema = '" ~ model.schema ~ "' and data_type in ('text', 'character varying', 'ARRAY', 'jsonb')
        order by table_name, ordinal_position") -%}
    with names as (
        {%- for name in ['display_name', 'first_name', 'last_name', "first_name || ' ' || last_name"] %}
        select lower(btrim({{ name }})) as name from {{ ref('l0_pii_users') }} where btrim({{ name }}) <> ''
        {{ 'union' if not loop.last }}
        {%- endfor %}
    ),

    texts as (
        {%- for column in columns %}
        select distinct
            '{{ column.mart }}' as mart,
            '{{ column.name }}' as column_name,
            {{ 'true' if column.mart in customer_marts else 'false' }} as of_customers,
            said.value
        from (
            select to_jsonb({{ adapter.quote(column.name) }}) as value
            from (select distinct {{ adapter.quote(column.name) }} from {{ adapter.quote(model.schema) }}.{{ adapter.quote(column.mart) }}) as different
        ) as rows
        cross join lateral jsonb_array_elements_text(
            case jsonb_typeof(rows.value) when 'array' then rows.value else jsonb_build_array(rows.value) end
        ) as said (value)
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

    select distinct
        texts.mart,
        texts.column_name,
        found.kind
    from texts
    left join names on names.name = lower(btrim(texts.value)) and texts.of_customers
    cross join lateral (
        values
        ('e-mail address', texts.value ~* '[^[:space:]@]+@[^[:space:]@]+[.][a-z]{2,}'),
        ('phone', texts.value ~ '(^|[^0-9a-zA-Z-])([+][0-9]{10,14}|([+]?1[ .-]?)?([(][0-9]{3}[)] ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4})($|[^0-9a-zA-Z-])'),
        ('address of a computer', texts.value ~ '(^|[^0-9.])([0-9]{1,3}[.]){3}[0-9]{1,3}($|[^0-9.])'),
        ('session', texts.value ~ '[0-9]+_[0-9]{13}_[0-9a-f]{8}'),
        ('name', names.name is not null)
    ) as found (kind, is_found)
    where found.is_found
    union all
    select
        table_name,
        column_name,
        'column'
    from information_schema.columns
    where table_schema = '{{ model.schema }}' and (
        column_name ~ '(^|_)(e_?mail|phone|first_name|last_name|display_name|date_of_birth|province_region|ip_address)(_address|_number)?$'
        or table_name in ('{{ customer_marts | join("', '") }}') and column_name in (
            'user_id', 'internal_user_id', 'session_id', 'metadata', 'description', 'merchant', 'account',
            'motivation_other', 'acquisition_other', 'insight_other', 'password_hash'
        )
    )
{% endtest %}
