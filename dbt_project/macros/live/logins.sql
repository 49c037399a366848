{# Lookup `(email, id)`: rows of a V2 table by e-mail address; of several the lowest. #}
{% macro rows_by_email(table) %}
    select
        email,
        min(id) as id
    from {{ ref(table) }}
    where email is not null
    group by email
{% endmacro %}


{# Lookup `(account, at, is_ready)`: when an account was first read, and whether anything of it could be read last. #}
{% macro account_states(source_name) %}
    select
        account,
        min(first_attempt_at) as at,
        bool_or(status = 'ready') as is_ready
    from {{ source('staging_' ~ source_name, 'sync_state') }}
    group by account
{% endmacro %}


{# Lookup `(account, id, at)`: the V2 row of a landing account of dotloop or Lofty. `number`: its column of the account's number. #}
{% macro account_rows(source_name, number) %}
    select
        landed.account,
        own.id,
        own.created_at as at
    from {{ source('staging_' ~ source_name, 'accounts') }} as landed
    inner join {{ ref(source_name ~ '_accounts') }} as own on own.{{ number }}::text = landed.key
    where landed.deleted_at is null
{% endmacro %}


{#
    How far a source was read, an account and kind of record a row, as its connector wrote it down.

    source_name  the landed schema, without `staging_`
    owner        the column that refers to an account's V2 row, none where there is no such table
    owners       lookup `(account, id)`: the V2 rows of accounts
#}
{% macro sync_state(source_name, owner=none, owners=none) %}
    {%- if owner %}
    with owners as (
        {{ owners }}
    )
    {% endif %}
    select
        {{ live_id(source_name ~ '_sync_state', "concat_ws('/', state.account, state.resource)") }} as id,
        state.account,
        {%- if owner %}
        owners.id as {{ owner }},
        {%- endif %}
        state.resource as entity_type,
        state.cursor,
        state.last_success_at as last_sync_at,
        state.status,
        state.error as error_message,
        state.rows_landed as records_synced,
        state.first_attempt_at as created_at,
        state.last_attempt_at as updated_at
    from {{ source('staging_' ~ source_name, 'sync_state') }} as state
    {%- if owner %}
    left join owners on owners.account = state.account
    {%- endif %}
{% endmacro %}
