{#
    His own agent, else his login's, else the lowest agent with his e-mail address. Of a user only FUB knows, login and
    agent are those with his address.
#}
{% set addresses %}
    select
        email,
        min(id) as agent_id
    from {{ ref('agent') }}
    where email is not null
    group by email
{% endset %}
{% set logins %}
    select distinct on (email)
        email,
        id,
        agent_id
    from {{ ref('user') }}
    where email is not null
    order by email, id
{% endset %}

{{ v2_overlay(
    'fub_users',
    natural_key=fub_key('fub_user_id'),
    updated_at='coalesce(doc.fub_updated_at, doc.fub_created_at)',
    parents={'fub_accounts': 'fub_accounts', 'user': 'user', 'agent': 'agent', 'team': 'team'},
    lookups=dict(
        fub_lookups([]),
        addresses=addresses,
        logins=logins,
        told=told_by_v1("doc.fub_account_id || '/' || doc.fub_user_id", [])
    ),
    joins='left join ' ~ ref('user') ~ ' as login on login.id = doc.user_id
        left join addresses on addresses.email = doc.email',
    computed={
        'agent_id': known_or_null('coalesce(doc.agent_id, login.agent_id, addresses.agent_id)', 'agent')
    },
    live={
        'fub': {
            'rows': source('staging_fub', 'users'),
            'key': fub_live_key('doc.fub_user_id'),
            'updated_at': "case when doc.deleted_at is null then doc.fub_updated_at else 'infinity' end",
            'helpers': [helper_column('told_status', 'text', 'status')],
            'joins': fub_joins() ~ '
            left join told on told.natural_key = ' ~ fub_live_key('doc.fub_user_id') ~ '
            left join logins on logins.email = doc.email and told.id is null
            left join addresses on addresses.email = doc.email and told.id is null
            left join ' ~ ref('fub_accounts') ~ ' as own on own.id = fub_account.id',
            'computed': {
                'fub_account_id': 'fub_account.id',
                'status': "case when doc.deleted_at is null then coalesce(doc.told_status, 'Active') else 'Deleted' end",
                'user_id': 'logins.id',
                'agent_id': 'coalesce(logins.agent_id, addresses.agent_id)',
                'team_id': 'case when told.id is null then own.team_id end'
            }
        }
    }
) }}
