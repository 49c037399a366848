with onboarding as (
    {{ customer_onboarding() }}
),

doings as (
    {{ customer_doings() }}
),

lines as (
    {{ customer_lines() }}
),

told as (
    {{ customer_told() }}
),

uploads as (
    {{ customer_uploads() }}
),

did as (
    select
        user_id,
        max(at) filter (where event_type = 'login') as last_login_at,
        count(*) filter (where event_type = 'login') as logins,
        count(*) filter (where event_type = 'dashboard_access') as dashboard_accesses
    from doings
    group by user_id
),

uploaded as (
    select
        user_id,
        count(*) as transactions,
        min(at) as first_transaction_at,
        count(distinct bank) as unique_banks
    from lines
    group by user_id
),

imported as (
    select
        user_id,
        count(*) as uploads
    from uploads
    group by user_id
)

select
    tokens.tokenized_user_id,
    date_trunc('week', {{ business_day('users.created_at') }})::date as signup_week,
    users.created_at,
    users.updated_at,
    coalesce(users.is_active, true) as is_active,
    users.email_validated,
    onboarding.emotional_state,
    onboarding.financial_context,
    onboarding.motivation,
    onboarding.acquisition_source,
    onboarding.insight_preferences,
    case when told.questions then coalesce(onboarding.last_step, 0) end as last_step,
    case when told.questions then coalesce(onboarding.is_completed, false) end as onboarding_completed,
    onboarding.completed_at as onboarding_completed_at,
    did.last_login_at,
    case when told.logins then coalesce(did.logins, 0) end as logins,
    case when told.dashboards then coalesce(did.dashboard_accesses, 0) end as dashboard_accesses,
    case when told.uploads then coalesce(imported.uploads, 0) end as uploads,
    case when told.lines then coalesce(uploaded.transactions, 0) end as transactions,
    uploaded.first_transaction_at,
    case when told.lines then coalesce(uploaded.unique_banks, 0) end as unique_banks
from {{ ref('users') }} as users
inner join {{ ref('l0_user_tokenization') }} as tokens on tokens.internal_user_id = users.id
cross join told
left join onboarding on onboarding.user_id = users.id
left join did on did.user_id = users.id
left join uploaded on uploaded.user_id = users.id
left join imported on imported.user_id = users.id
where not users.is_excluded and coalesce({{ business_day('users.created_at') }} <= {{ as_of() }}, true)
