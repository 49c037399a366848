{#
    The app's own row first. What that does not say, older tables may: the name shown in users, and in the oldest app
    what a questionnaire asked for; of several questionnaires the newest that says it. Nothing of it outlives deletion.
#}
{% set asked = [
    helper_column('first_name', 'text', []),
    helper_column('last_name', 'text', []),
    helper_column('date_of_birth', 'date', []),
    helper_column('recovery_phone', 'text', []),
    helper_column('province_region', 'text', []),
    helper_column('created_at', 'timestamptz', []),
    helper_column('updated_at', 'timestamptz', [])
] %}
{% set shown = [helper_column('email', 'text', [], 'lower'), helper_column('display_name', 'text', [])] %}
{% set only_here = [
    helper_column('internal_user_id', 'integer', []),
    helper_column('ip_address', 'text', []),
    helper_column('ip_address_updated_at', 'timestamptz', []),
    helper_column('deleted_at', 'timestamptz', [])
] %}
{% set id = [helper_column('id', 'integer', [])] %}
{% set user_id = [helper_column('user_id', 'integer', [])] %}

with own as (
    {{ customer_rows(source('staging_customer', 'l0_pii_users'), id + shown + asked + only_here) }}
),

names_shown as (
    {{ customer_rows(source('staging_customer', 'users'), id + shown) }}
),

questionnaires as (
    {{ customer_rows(source('staging_customer', 'onboarding_responses'), id + user_id + asked) }}
),

answers as (
    select
        user_id,
        {{ latest_answer('first_name') }} as first_name,
        {{ latest_answer('last_name') }} as last_name,
        {{ latest_answer('date_of_birth') }} as date_of_birth,
        {{ latest_answer('recovery_phone') }} as recovery_phone,
        {{ latest_answer('province_region') }} as province_region,
        max(coalesce(updated_at, created_at)) as updated_at
    from questionnaires
    group by user_id
),

erased as (
    {{ customer_erased() }}
),

-- What is to be said of somebody: of deleted data nothing.
kept as (
    select
        users.id as user_id,
        coalesce(own.email, names_shown.email) as email,
        coalesce(own.display_name, names_shown.display_name) as display_name,
        coalesce(own.first_name, answers.first_name) as first_name,
        coalesce(own.last_name, answers.last_name) as last_name,
        coalesce(own.date_of_birth, answers.date_of_birth) as date_of_birth,
        coalesce(own.recovery_phone, answers.recovery_phone) as recovery_phone,
        coalesce(own.province_region, answers.province_region) as province_region,
        own.ip_address,
        own.ip_address_updated_at,
        coalesce(own.updated_at, answers.updated_at) as updated_at
    from {{ ref('users') }} as users
    left join own on own.internal_user_id = users.id
    left join names_shown on names_shown.id = users.id
    left join answers on answers.user_id = users.id
    left join erased on erased.user_id = users.id
    where erased.user_id is null
)

select
    own.id,
    users.id as internal_user_id,
    kept.email,
    kept.display_name,
    kept.first_name,
    kept.last_name,
    kept.date_of_birth,
    kept.recovery_phone,
    kept.province_region,
    kept.ip_address,
    kept.ip_address_updated_at,
    coalesce(own.created_at, users.created_at) as created_at,
    coalesce(kept.updated_at, own.updated_at, users.updated_at) as updated_at,
    coalesce(own.deleted_at, erased.noticed_at) as deleted_at
from {{ ref('users') }} as users
left join own on own.internal_user_id = users.id
left join kept on kept.user_id = users.id
left join erased on erased.user_id = users.id
