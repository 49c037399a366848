{# What was counted is counted in what landed, for an account that V1 does not count. #}
{% set counted = {
    'users_fub': 'users', 'people_fub': 'people', 'deals_fub': 'deals', 'calls_fub': 'calls', 'events_fub': 'events',
    'text_messages_fub': 'stage_text_messages_fub_onboarding', 'appointments_fub': 'stage_appointments_fub_onboarding'
} %}
{% set counts = {} %}
{% for column, table in counted.items() %}
    {% do counts.update({
        column: 'case when told.id is null then (select count(*) from ' ~ source('staging_fub', table) ~ ' as counted'
            ~ ' where counted.account = doc.account and counted.deleted_at is null) end'
    }) %}
{% endfor %}
{% set owners %}
    select
        account,
        min(key::bigint) as number
    from {{ source('staging_fub', 'users') }}
    where payload -> 'isOwner' = 'true' and deleted_at is null
    group by account
{% endset %}
{% set connected %}
    select
        account,
        min(first_attempt_at) as at
    from {{ source('staging_fub', 'sync_state') }}
    group by account
{% endset %}
{% set logins %}
    select
        email,
        min(id) as user_id
    from {{ ref('user') }}
    where email is not null
    group by email
{% endset %}
{% set owner = 'coalesce(owners.number, doc.key_owner, told.fub_owner_id)' %}

{{ v2_overlay(
    'fub_accounts',
    natural_key='account_id_raw',
    updated_at='null::timestamptz',
    parents={'user': 'user', 'team': 'team'},
    lookups={
        'told': told_by_v1('doc.account_id_raw', ['host_name', 'fub_owner_id']),
        'owners': owners,
        'connected': connected,
        'logins': logins
    },
    live={
        'fub': {
            'rows': source('staging_fub', 'accounts'),
            'key': 'doc.account_id_raw',
            'updated_at': told_otherwise({'host_name': 'doc.host_name', 'fub_owner_id': owner}),
            'helpers': [
                helper_column('key_owner', 'bigint', 'user.id'),
                helper_column('key_email', 'text', 'user.email', 'lower')
            ],
            'joins': 'left join told on told.natural_key = doc.account_id_raw
            left join owners on owners.account = doc.account
            left join connected on connected.account = doc.account
            left join logins on logins.email = doc.key_email',
            'computed': dict(
                counts,
                created_at='connected.at',
                active='told.id is null',
                data_pull='true',
                user_id='logins.user_id',
                fub_owner_id=owner
            )
        }
    }
) }}
