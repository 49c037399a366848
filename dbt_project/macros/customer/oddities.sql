{#
    Rows of the customer app that are not what its code means them to be. They are kept and counted by the rules; each
    is told as (kind, key), for somebody to look at.
#}

{# A reference that landed and is not in the entity: its row is gone. `references`: columns to look at. #}
{% macro lost_references(model, table, references) %}
    {%- for column in references %}
    select
        'lost reference: {{ column }}' as kind,
        landed.key
    from {{ source('staging_customer', table) }} as landed
    inner join {{ model }} as entity on entity.id = (landed.payload ->> 'id')::integer
    where landed.deleted_at is null and landed.payload ->> '{{ column }}' is not null and entity.{{ column }} is null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}


{# Events of unknown types, before the signup, of nobody. #}
{% test odd_events(model) %}
    {{ lost_references(model, 'user_events', ['user_id', 'tokenized_user_id']) }}
    union all
    select
        'unknown type: ' || event_type,
        min(id)::text
    from {{ model }}
    where event_type not in (
        'login', 'dashboard_access', 'statement_upload', 'statement_linked', 'transaction_edit', 'bulk_edit',
        'feedback', 'consent', 'admin_login', 'admin_tab_access'
    )
    group by event_type
    union all
    select
        'before the signup',
        events.id::text
    from {{ model }} as events
    inner join {{ ref('users') }} as users on users.id = events.user_id
    where {{ business_day('events.event_timestamp') }} < {{ business_day('users.created_at') }}
{% endtest %}


{# Questionnaires of which another one counts, steps that no flow has, completed before they were opened, of nobody. #}
{% test odd_onboarding(model) %}
    {{ lost_references(model, 'onboarding_responses', ['user_id']) }}
    union all
    select
        'a later one counts',
        id::text
    from (
        select
            id,
            -- What the app keeps with the user lands above the ids of questionnaires, and makes none of them odd.
            row_number() over (partition by user_id, id >= 1000000000 order by created_at desc nulls last, id desc) as place
        from {{ model }}
        where user_id is not null
    ) as ranked
    where place > 1
    union all
    select
        'no such step: ' || last_step,
        id::text
    from {{ model }}
    where last_step not between
        (select min(step) from {{ ref('customer_onboarding_steps') }})
        and (select max(step) from {{ ref('customer_onboarding_steps') }})
    union all
    select
        'completed before it was opened',
        id::text
    from {{ model }}
    where completed_at < created_at
{% endtest %}


{#
    Facts of nobody or of a row that is gone; and facts that are one another's double: same token, day, amount, merchant
    and cash flow. The app skips those when importing, so they came by two imports at once.
#}
{% test odd_facts(model) %}
    select
        lost.kind,
        lost.key
    from (
        {{ lost_references(model, 'l1_transaction_facts', ['tokenized_user_id', 'legacy_transaction_id']) }}
    ) as lost
    where lost.kind not like '%legacy_transaction_id' or {{ customer_has('transactions') }}
    union all
    select
        'likely double',
        max(id)::text
    from {{ model }}
    where tokenized_user_id is not null
    group by tokenized_user_id, transaction_date, amount, merchant, cashflow
    having count(*) > 1
{% endtest %}


{# Users who belong to no cohort, since nobody knows when they signed up. #}
{% test odd_users(model) %}
    select
        'no signup' as kind,
        id::text as key
    from {{ model }}
    where created_at is null
{% endtest %}


{# Figures that are null because the source has nothing to tell them by: what it lacks, and what is null for it. #}
{% test source_tells_all(model) %}
    select
        lacks.what,
        lacks.unknown
    from (
        {{ customer_told() }}
    ) as told
    cross join lateral (
        values
        (told.logins, 'events', 'logins, monthly users, retention'),
        (told.dashboards, 'dashboard events', 'dashboard accesses'),
        (told.uploads, 'imports and upload events', 'uploads'),
        (told.lines, 'transactions', 'transactions, banks'),
        (told.questions, 'onboarding steps', 'reached, dropped, completed')
    ) as lacks (is_told, what, unknown)
    where not lacks.is_told and exists (select from {{ ref('users') }})
{% endtest %}
