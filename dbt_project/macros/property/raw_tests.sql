{#
    Tests of the raw tables of the property systems.

    Belongs here: whether what landed was read, and agrees with itself. Does not belong here: whether the systems agree
    with each other beyond that (the property reconciliation).
#}

{# Values that landed and could not be read in their column's type: they are null in the table. #}
{% test unread_values(model, table) %}
    {%- set landed = raw_rows(table, as_text=true) -%}
    {%- if not execute -%}{{ return(landed) }}{%- endif -%}
    {%- set columns = [] -%}
    {%- for column in declared_columns(node_of(table)) if column.paths and column.type != 'text' and column.paths != ['_extracted_at'] -%}
        {%- do columns.append(column) -%}
    {%- endfor %}
    select
        '{{ table }}' as table_name,
        doc.account,
        doc.key,
        told.column_name
    from (
        {{ landed }}
    ) as doc
    cross join lateral (
        values
        {%- for column in columns %}
        {%- set text = 'doc.' ~ adapter.quote(column.name) %}
        {%- if column.type == 'date' %}
        {%- set is_read = "pg_input_is_valid(" ~ raw_day_text(text) ~ ", 'date')" %}
        {%- elif column.rule == 'local' %}
        {%- set is_read = raw_moment_is_read(text) %}
        {%- else %}
        {%- set is_read = '(' ~ raw_value(text, column) ~ ') is not null' %}
        {%- endif %}
        ('{{ column.name }}', btrim({{ text }}, e' \t\r\n') <> '' and not coalesce({{ is_read }}, false)){{ ',' if not loop.last }}
        {%- endfor %}
    ) as told (column_name, is_unread)
    where told.is_unread
{% endtest %}


{# What `contract` looks after, of a table whose rows nothing tells apart. #}
{% test raw_contract(model) %}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}
    {% for column in declared_columns(node_of(model.identifier)) if column.not_null %}
    {{ 'union all' if not loop.first }}
    select 'not_null' as check_name, '{{ column.name }}' as column_name, file_id as key
    from {{ model }}
    where {{ adapter.quote(column.name) }} is null
    {% endfor %}
{% endtest %}


{# Box Score: every unit is in one state, in each plan. #}
{% test box_score_states_add_up(model) %}
    select
        property_id,
        report_date,
        floorplan
    from {{ model }}
    where
        (total_units, vacant_units, occupied_units) is distinct from (
            vacant_units + occupied_units,
            vacant_not_leased + vacant_leased + model_units + down_units,
            occupied_no_notice + notice_not_leased + notice_leased
        )
{% endtest %}


{# Monthly Summary: the seven states of units are all of them. #}
{% test monthly_states_add_up(model) %}
    select
        property_id,
        report_date,
        floorplan
    from {{ model }}
    where
        total_units is distinct from occupied_no_notice + vacant_not_leased + vacant_leased + notice_not_leased
        + notice_leased + vacant_admin + vacant_down
{% endtest %}


{# Delinquency: the four ages are what is owed, in each account; and accounts make the report's own totals. #}
{% test delinquency_adds_up(model) %}
    select
        property_id,
        report_date,
        account_no
    from {{ model }}
    where
        total_delinquent is distinct from balance_0_30 + balance_31_60 + balance_61_90 + balance_over_90
        or net_balance is distinct from total_delinquent - prepaid
    union all
    select
        accounts.property_id,
        accounts.report_date,
        null
    from (
        select
            property_id,
            report_date,
            file_id,
            sum(total_delinquent) as total_delinquent,
            sum(prepaid) as prepaid
        from {{ model }}
        group by property_id, report_date, file_id
    ) as accounts
    inner join (
        select
            account,
            request ->> 'file_id' as file_id,
            {{ raw_number("payload ->> 'Total Delinquent'") }} as total_delinquent,
            {{ raw_number("payload ->> 'Total Prepaid'") }} as prepaid
        from {{ source('staging_realpage_reports', 'delinquency') }}
        where payload ->> 'kind' = 'total' and deleted_at is null
    ) as printed on printed.account = accounts.property_id and printed.file_id = accounts.file_id
    where
        accounts.total_delinquent <> coalesce(printed.total_delinquent, 0)
        or accounts.prepaid <> -coalesce(printed.prepaid, 0)
{% endtest %}


{# Rent roll and Box Score of a day have the same number of units. #}
{% test rent_roll_counts_box_score(model) %}
    select
        property_id,
        report_date,
        roll.units as rent_roll_units,
        score.units as box_score_units
    from (
        select
            property_id,
            report_date,
            count(*) filter (where is_unit_row) as units
        from {{ model }}
        group by property_id, report_date
    ) as roll
    inner join (
        select
            property_id,
            report_date,
            sum(total_units) as units
        from {{ ref('realpage_box_score') }}
        group by property_id, report_date
    ) as score using (property_id, report_date)
    where roll.units <> score.units
{% endtest %}
