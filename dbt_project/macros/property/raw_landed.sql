{#
    Which landed rows each raw table of the property systems is made of: rows (account, key, request, payload,
    parameters, extracted_at). What a system no longer shows on the same day is left out; every day stays.

    Belongs here: that choice. Does not belong here: what a field means (the models' YAML), how it is read
    (raw_rows.sql, raw_values.sql).
#}
{% macro raw_landed(table) %}
    {%- set reports = {
        'realpage_box_score': ('box_score', ['plan'], []),
        'realpage_rent_roll': ('rent_roll', ['unit', 'lease'], []),
        'realpage_delinquency': ('delinquency', ['account', 'code'], []),
        'realpage_activity': (
            'activity', ['event'],
            ['occupancystatus', 'occstatus', 'startdate', 'activitystartdate', 'enddate', 'activityenddate']
        ),
        'realpage_monthly_summary': (
            'monthly_summary', ['plan', 'event'], ['occupancyactivitysince', 'occstartdate']
        ),
        'realpage_lease_expirations': ('lease_expirations', ['lease', 'renewal'], ['renewal'])
    } -%}
    {%- set snapshots = {
        'realpage_units': ('staging_realpage_rpx', 'units'),
        'realpage_residents': ('staging_realpage_rpx', 'residents'),
        'realpage_leases': ('staging_realpage_rpx', 'leases'),
        'yardi_properties': ('staging_yardi', 'properties'),
        'yardi_units': ('staging_yardi', 'units'),
        'yardi_residents': ('staging_yardi', 'residents'),
        'yardi_available_units': ('staging_yardi', 'available_units'),
        'yardi_guest_activity': ('staging_yardi', 'guest_activity')
    } -%}
    {%- if table in reports -%}
        {{ return(rows_of_report(*reports[table])) }}
    {%- elif table == 'yardi_leases' -%}
        {{ return(yardi_charges()) }}
    {%- endif -%}
    {{ return(rows_of_snapshots(source(*snapshots[table]))) }}
{% endmacro %}


{% macro rows_of_snapshots(relation) -%}
    select
        account,
        key,
        request,
        payload,
        null::jsonb as parameters,
        extracted_at
    from {{ relation }}
    where deleted_at is null
{%- endmacro %}


{#
    Rows of some kinds of a report. Of several files of a property and day the one with the highest number counts, also
    where it has no rows; files that differ in one of `told_apart`, parameters as `raw_parameters` names them, are no
    rivals.
#}
{% macro rows_of_report(report, kinds, told_apart) -%}
    select
        landed.account,
        landed.key,
        landed.request,
        landed.payload,
        files.parameters,
        landed.extracted_at
    from {{ source('staging_realpage_reports', report) }} as landed
    inner join (
        select distinct on (
            told.account, told.report_date
            {%- for name in told_apart %}, told.parameters ->> '{{ name }}'{% endfor -%}
        )
            told.account,
            told.file_id,
            told.parameters
        from (
            select
                account,
                key as file_id,
                payload ->> 'report_date' as report_date,
                {{ raw_parameters('payload') }} as parameters
            from {{ source('staging_realpage_reports', 'files') }}
            where payload ->> 'report' = '{{ report }}' and deleted_at is null
        ) as told
        order by
            told.account,
            told.report_date,
            {% for name in told_apart %}
            told.parameters ->> '{{ name }}',
            {% endfor %}
            -- Numbers of files are digits; more of them are a higher number.
            length(told.file_id) desc,
            told.file_id desc
    ) as files on files.account = landed.account and files.file_id = split_part(landed.key, ':', 1)
    where landed.deleted_at is null and landed.payload ->> 'kind' in ('{{ kinds | join("', '") }}')
{%- endmacro %}


{#
    A file's parameters as JSON, by their names in lower case without blanks and signs: reports spell them in several
    ways. `renewal` says whether it is the report that names decisions (4156), which shares its table with 3838.
#}
{% macro raw_parameters(payload) -%}
    (
        select coalesce(jsonb_object_agg(regexp_replace(lower(told.key), '[^a-z0-9]', '', 'g'), told.value), '{}')
        from {{ object_fields(payload ~ " -> 'parameters'") }} as told
    ) || jsonb_build_object('renewal', {{ payload }} ->> 'title' ilike '%renewal%')
{%- endmacro %}


{# Yardi's lease charges, a row each: its tenant and unit stand beside it as `tenant` and `unit`, its place as `seq`. #}
{% macro yardi_charges() -%}
    select
        landed.account,
        landed.key || ':' || charges.ordinality as key,
        landed.request,
        charges.value || jsonb_build_object(
            'tenant', landed.payload -> 'CustomerID',
            'unit', {{ element_text("landed.payload #> '{RT_Unit,UnitID}'") }},
            -- A tenant of two units has two lists.
            'seq', row_number() over (
                partition by landed.account, landed.request ->> 'snapshot_date', landed.payload ->> 'CustomerID'
                order by landed.key, charges.ordinality
            )
        ) as payload,
        null::jsonb as parameters,
        landed.extracted_at
    from {{ source('staging_yardi', 'lease_charges') }} as landed
    cross join {{ array_elements("landed.payload #> '{RTServiceTransactions,Transactions}'") }}
        with ordinality as charges
    where landed.deleted_at is null
{%- endmacro %}


{# The text of an XML element as JSON holds it: with attributes it is an object. #}
{% macro element_text(json) -%}
    case when jsonb_typeof({{ json }}) = 'object' then {{ json }} ->> '#text' else {{ json }} #>> '{}' end
{%- endmacro %}
