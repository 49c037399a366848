{#
    Figures of the customer marts that must agree, with each other and with the entities. A row is a figure that does
    not; no row names a person.

    Belongs here: sums. Does not belong here: odd rows of the source (oddities.sql), personal data (privacy.sql).
#}

{#
    For the test ties_out: totals of the customer marts, straight from the entities beside the marts' own. What a source
    lacks has no rows, and is null in the mart: both are 0 here.
#}
{% macro customer_measures(mart) %}
    {% set signup, done = business_day('users.created_at'), business_day('events.event_timestamp') %}
    {% set dated = 'users.created_at is not null' %}
    {% if mart == 'agg_cohort_activation' %}
        {% set has_completed %}
            (
                select answers.completed_at is not null from {{ ref('onboarding_responses') }} as answers
                where answers.user_id = users.id
                order by answers.created_at desc nulls last, answers.id desc
                limit 1
            )
        {%- endset %}
        {% set last = 'onboarding_step = (select max(step) from ' ~ ref('customer_onboarding_steps') ~ ')' %}
        {{ return({
            'users': (counted_users(where=dated), mart_total(mart, 'cohort_size', 'onboarding_step = 0')),
            'completed': (counted_users(where=dated ~ ' and ' ~ has_completed), mart_total(mart, 'completed', last))
        }) }}
    {% elif mart == 'agg_cohort_engagement' %}
        {% set weeks = 'count(distinct (users.id, (' ~ done ~ ' - ' ~ signup ~ ') / 7))' %}
        {% set in_weeks = done ~ ' - ' ~ signup ~ ' between 0 and 83' %}
        {{ return({
            'users': (counted_users(where=dated), mart_total(mart, 'cohort_size', 'weeks_since_signup = 0')),
            'logins': (counted_events('login', weeks, in_weeks), mart_total(mart, 'users_logged_in')),
            'dashboards': (counted_events('dashboard_access', weeks, in_weeks), mart_total(mart, 'users_on_dashboard'))
        }) }}
    {% elif mart == 'agg_vanity_metrics_monthly' %}
        {% set first = "date_trunc('month', (" ~ counted_users('min(' ~ signup ~ ')') ~ '))' %}
        {% set active = "count(distinct (users.id, date_trunc('month', " ~ done ~ ')))' %}
        {{ return({
            'users': (counted_users(where=dated), mart_total(mart, 'new_users')),
            'logins': (counted_events('login', active, dated ~ ' and ' ~ done ~ ' >= ' ~ first), mart_total(mart, 'mau')),
            'transactions': (
                counted_lines(dated ~ ' and ' ~ business_day('lines.created_at') ~ ' >= ' ~ first),
                mart_total(mart, 'transactions')
            )
        }) }}
    {% endif %}
    {{ return({
        'users': (counted_users(), mart_total(mart, '1')),
        'logins': (counted_events('login', 'count(*)'), mart_total(mart, 'logins')),
        'dashboards': (counted_events('dashboard_access', 'count(*)'), mart_total(mart, 'dashboard_accesses')),
        'transactions': (counted_lines(), mart_total(mart, 'transactions'))
    }) }}
{% endmacro %}


{# Something of the users who count, of their events of a kind, of their statement lines. #}
{% macro counted_users(what='count(*)', where='true') -%}
    select {{ what }} from {{ ref('users') }} as users
    where not users.is_excluded and coalesce({{ business_day('users.created_at') }} <= {{ as_of() }}, true) and {{ where }}
{%- endmacro %}

{% macro counted_events(kind, what, where='true') -%}
    select {{ what }} from {{ ref('user_events') }} as events
    inner join {{ ref('users') }} as users on users.id = events.user_id
    where events.event_type = '{{ kind }}' and events.is_admin is not true
        and coalesce({{ business_day('events.event_timestamp') }} <= {{ as_of() }}, true)
        and users.id in ({{ counted_users('users.id') }}) and {{ where }}
{%- endmacro %}

{% macro counted_lines(where='true') -%}
    select count(*)
    from (
        select user_id, created_at from {{ ref('transactions') }}
        union all
        select token.internal_user_id, fact.created_at from {{ ref('l1_transaction_facts') }} as fact
        inner join {{ ref('l0_user_tokenization') }} as token on token.tokenized_user_id = fact.tokenized_user_id
        where not fact.is_copy or not {{ customer_has('transactions') }}
    ) as lines
    inner join {{ ref('users') }} as users on users.id = lines.user_id
    where coalesce({{ business_day('lines.created_at') }} <= {{ as_of() }}, true)
        and users.id in ({{ counted_users('users.id') }}) and {{ where }}
{%- endmacro %}


{# Of every cohort: all users are dropped somewhere or completed; reached never rises; who passed a step reached the next. #}
{% test activation_adds_up(model) %}
    with steps as (
        select
            *,
            lead(onboarding_step) over cohort as next_step,
            lead(reached) over cohort as next_reached
        from {{ model }}
        window cohort as (partition by week_start order by onboarding_step)
    )

    select
        week_start,
        'dropped and completed make the cohort' as rule
    from steps
    group by week_start, cohort_size
    having sum(dropped) + sum(completed) filter (where next_step is null) <> cohort_size
        or count(*) <> (select count(distinct step) from {{ ref('customer_onboarding_steps') }})
    union all
    select
        week_start,
        'all signed up, some went on'
    from steps
    where (onboarding_step = 0 and reached <> cohort_size) or next_reached > reached or completed <> next_reached
        or reached - dropped <> completed
{% endtest %}


{# Nobody is active who is not of the cohort. #}
{% test engagement_of_cohort(model) %}
    select
        week_start,
        weeks_since_signup
    from {{ model }}
    where greatest(users_logged_in, users_on_dashboard, users_uploading) > cohort_size
        or retention <> round(users_logged_in::numeric / cohort_size, 6)
{% endtest %}


{# Months up to the day computed for, without a gap, whose new users lead from one total to the next. #}
{% test months_lead_on(model) %}
    select month
    from (
        select
            month,
            total_users,
            new_users,
            lag(total_users, 1, 0) over (order by month) as users_before,
            lead(month, 1, (date_trunc('month', {{ as_of() }}::timestamp) + interval '1 month')::date) over (order by month) as next_month
        from {{ model }}
    ) as running
    where total_users <> users_before + new_users or next_month <> (month + interval '1 month')::date
{% endtest %}


{#
    What the app promises of its facts: every row of transactions of a user to whom the app gave a token has exactly one
    copy, of the same amount. Before it drops transactions it looks itself.
#}
{% test facts_are_copies(model) %}
    select
        own.id as transaction_id,
        count(fact.id) as copies
    from {{ ref('transactions') }} as own
    inner join {{ ref('l0_user_tokenization') }} as token on token.internal_user_id = own.user_id
    inner join {{ source('staging_customer', 'l0_user_tokenization') }} as landed
        on landed.key = token.internal_user_id::text and coalesce(landed.request ->> 'made_here', 'false') <> 'true'
    left join {{ model }} as fact on fact.legacy_transaction_id = own.id
    where {{ customer_has('l1_transaction_facts') }}
    group by own.id, own.amount, token.tokenized_user_id
    having count(fact.id) <> 1 or min(fact.amount) <> own.amount or min(fact.tokenized_user_id) <> token.tokenized_user_id
{% endtest %}


{# A token is 64 hex digits, and every user has one. #}
{% test valid_tokens(model) %}
    select users.id as user_id
    from {{ ref('users') }} as users
    left join {{ model }} as token on token.internal_user_id = users.id
    where coalesce(token.tokenized_user_id, '') !~ '^[a-f0-9]{64}$'
{% endtest %}
