{#
    What the customer marts count: CTEs that more than one of them needs.

    Belongs here: who counts, what an upload is, when something happened. Does not belong here: how it is summed up
    (the marts). Days are cut in `business_timezone`; what happened after `as_of` did not happen yet.
#}

{# The users who count, `(user_id, signup_day, week_start)`: not excluded, signed up by the day computed for. #}
{% macro customer_members() -%}
    select
        signup.user_id,
        signup.day as signup_day,
        date_trunc('week', signup.day)::date as week_start
    from (
        select
            id as user_id,
            {{ business_day('created_at') }} as day
        from {{ ref('users') }}
        where not is_excluded
    ) as signup
    where signup.day <= {{ as_of() }}
{%- endmacro %}


{# What users did, `(user_id, event_type, at, day)`; administrators' doings left out. #}
{% macro customer_doings() -%}
    select
        done.user_id,
        done.event_type,
        done.at,
        done.day
    from (
        select
            user_id,
            event_type,
            event_timestamp as at,
            {{ business_day('event_timestamp') }} as day
        from {{ ref('user_events') }}
        where not coalesce(is_admin, false)
    ) as done
    where coalesce(done.day <= {{ as_of() }}, true)
{%- endmacro %}


{#
    Statement lines, `(user_id, at, day, bank, upload_session_id)`, by the moment they were uploaded. Those under a
    token count where they are no copies; where the app keeps no others, all.
#}
{% macro customer_lines() -%}
    select
        line.user_id,
        line.created_at as at,
        {{ business_day('line.created_at') }} as day,
        nullif(lower(btrim(line.account)), '') as bank,
        line.upload_session_id
    from (
        select
            own.user_id,
            own.created_at,
            own.account,
            coalesce(own.upload_session_id, copy.upload_session_id) as upload_session_id
        from {{ ref('transactions') }} as own
        left join (
            select
                legacy_transaction_id,
                min(upload_session_id) as upload_session_id
            from {{ ref('l1_transaction_facts') }}
            where legacy_transaction_id is not null
            group by legacy_transaction_id
        ) as copy on copy.legacy_transaction_id = own.id
        union all
        select
            token.internal_user_id,
            fact.created_at,
            fact.account,
            fact.upload_session_id
        from {{ ref('l1_transaction_facts') }} as fact
        inner join {{ ref('l0_user_tokenization') }} as token on token.tokenized_user_id = fact.tokenized_user_id
        where not (fact.is_copy and {{ customer_has('transactions') }})
    ) as line
    where coalesce({{ business_day('line.created_at') }} <= {{ as_of() }}, true)
{%- endmacro %}


{#
    Uploads, `(user_id, day)`, one row an upload: an import, of an app that tells imports apart; otherwise an event
    statement_upload. Reads the CTEs `lines`, `doings` and `told`.
#}
{% macro customer_uploads() -%}
    select
        lines.user_id,
        min(lines.day) as day
    from lines
    where lines.upload_session_id is not null
    group by lines.user_id, lines.upload_session_id
    union all
    select
        doings.user_id,
        doings.day
    from doings
    cross join told
    where doings.event_type = 'statement_upload' and not told.imports
{%- endmacro %}


{#
    What the source tells at all, one row: `logins`, `dashboards`, `imports` (apart from each other), `uploads` (one way
    or the other), `lines`, `questions`. The newest app writes no dashboard_access; the first wrote no statement_upload.
#}
{% macro customer_told() -%}
    select
        tables.*,
        tables.logins and exists (select from {{ ref('user_events') }} where event_type = 'dashboard_access') as dashboards,
        tables.imports or (
            tables.logins
            and (not tables.first_shape or exists (select from {{ ref('user_events') }} where event_type = 'statement_upload'))
        ) as uploads
    from (
        select
            {{ customer_has('user_events') }} as logins,
            {{ customer_has('transactions') }} or {{ customer_has('l1_transaction_facts') }} as lines,
            {{ customer_has('transactions', 'upload_session_id') }}
            or {{ customer_has('l1_transaction_facts', 'upload_session_id') }} as imports,
            (
                {{ customer_has('onboarding_responses', 'last_step') }}
                and {{ customer_has('onboarding_responses', 'completed_at') }}
            )
            or ({{ customer_has('users', 'last_step') }} and {{ customer_has('users', 'completed_at') }}) as questions,
            exists (
                select from {{ source('staging_customer', 'shape') }}
                where deleted_at is null and payload ->> 'shape' = 'A'
            ) as first_shape
    ) as tables
{%- endmacro %}


{#
    Where each user stands, `(user_id, last_step, is_completed)`: of several questionnaires the one created last, then
    the highest id. A step that no flow has is the nearest one that some flow has.
#}
{% macro customer_onboarding() -%}
    select distinct on (answers.user_id)
        answers.user_id,
        least(greatest(coalesce(answers.last_step, 0), bounds.first_step), bounds.last_step) as last_step,
        answers.completed_at is not null as is_completed,
        answers.completed_at,
        answers.emotional_state,
        answers.financial_context,
        answers.motivation,
        answers.acquisition_source,
        answers.insight_preferences
    from {{ ref('onboarding_responses') }} as answers
    cross join (
        select
            min(step) as first_step,
            max(step) as last_step
        from {{ ref('customer_onboarding_steps') }}
    ) as bounds
    where answers.user_id is not null
    order by answers.user_id, answers.created_at desc nulls last, answers.id desc
{%- endmacro %}
