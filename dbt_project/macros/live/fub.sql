{#
    Follow Up Boss' own numbers, and the V2 rows they stand for. A number is unique inside one account only.

    Belongs here: how a landed row finds its account, users, people and stages. Does not belong here: which column
    holds what (the models' YAML).
#}

{#
    Lookups by name, for `v2_overlay`. `fub_account (account, id, number, host)`: the V2 row of a landing account, which
    is named by V2's id, or else found by the account's number at FUB. The others: `(account_id, number, …)`, of twins
    the older row.
#}
{% macro fub_lookups(names) %}
    {% set lookups = {'fub_account': fub_account_lookup()} %}
    {% set columns = {
        'fub_users': 'fub_user_id as number, name, user_id, agent_id, team_id',
        'fub_people': 'fub_people_id as number, people_name as name, agent_id',
        'fub_stages': 'fub_stage_id as number'
    } %}
    {% for name in names %}
        {% do lookups.update({name ~ '_by_number': fub_rows_by_number(name, columns[name])}) %}
    {% endfor %}
    {{ return(lookups) }}
{% endmacro %}


{% macro fub_account_lookup() %}
    select distinct on (named.account)
        named.account,
        known.id,
        known.account_id_raw as number,
        known.host_name as host
    from (select distinct account from {{ source('staging_fub', 'sync_state') }}) as named
    left join {{ source('staging_fub', 'accounts') }} as identity on identity.account = named.account
    inner join {{ ref('fub_accounts') }} as known
        on known.id::text = named.account or known.account_id_raw = identity.key
    order by named.account, known.id::text = named.account desc, known.id
{% endmacro %}


{% macro fub_rows_by_number(table, columns) %}
    select distinct on (fub_account_id, number) *
    from (select id, fub_account_id, {{ columns }} from {{ ref(table) }}) as numbered
    where number is not null
    order by fub_account_id, number, id
{% endmacro %}


{# Joins of `doc` to its account and, by {alias: [table, SQL of the number]}, to rows of that account. #}
{% macro fub_joins(rows={}) -%}
    inner join fub_account on fub_account.account = doc.account
    {%- for alias, (table, number) in rows.items() %}
    left join {{ table }}_by_number as {{ alias }}
        on {{ alias }}.fub_account_id = fub_account.id and {{ alias }}.number = {{ number }}
    {%- endfor %}
{%- endmacro %}


{#
    V2's natural key of a record: V2's account and FUB's number; and the same of a landed row. A V1 row that names no
    account of V2's may still have the account's number at FUB, `account_number`.
#}
{% macro fub_key(number, account_number=none) -%}
    {%- if account_number -%}
        coalesce(fub_account_id, (
            select min(known.id) from {{ ref('fub_accounts') }} as known where known.account_id_raw = {{ account_number }}
        )) || '/' || {{ number }}
    {%- else -%}
        fub_account_id || '/' || {{ number }}
    {%- endif -%}
{%- endmacro %}

{% macro fub_live_key(number) -%}
    fub_account.id || '/' || {{ number }}
{%- endmacro %}


{# What every landed record says about its account, as computed columns; `composite` is V1's name of the joint key. #}
{% macro fub_account_columns(composite, number) %}
    {{ return({
        'fub_account_id': 'fub_account.id',
        'fub_account_id_raw': 'fub_account.number',
        composite: "fub_account.number || '_' || " ~ number
    }) }}
{% endmacro %}


{# A user's number out of a field that writes -1 (the system) or 0 for nobody. #}
{% macro fub_number(field) -%}
    case when doc.{{ field }} > 0 then doc.{{ field }} end
{%- endmacro %}


{# The text that a sentence in asterisks stands for where our system may not see it: none. #}
{% macro fub_unmasked(field) -%}
    case when doc.{{ field }} not like '*%*' then doc.{{ field }} end
{%- endmacro %}


{#
    The agent of an event for the reconciliation: its person's. Where V2's person is newer than V1's, V1 no longer
    knows who that is, and V2's answer stands.
#}
{% macro v1_event_agent_unless_newer() -%}
    (coalesce(
        (
            select array[newer.agent_id]
            from {{ api.Relation.create(database=target.database, schema='v2', identifier='fub_people') }} as newer
            where newer.id = {{ v1_number('fub_people_id', 'doc') }} and newer._source <> 'v1'
        ),
        array[({{ v1_event_agent() }})::bigint]
    ))[1]
{%- endmacro %}
