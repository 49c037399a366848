{# His own agent, else his login's, else the lowest agent with his e-mail address. #}
{% set addresses %}
    select
        email,
        min(id) as agent_id
    from {{ ref('agent') }}
    where email is not null
    group by email
{% endset %}

{{ v2_entity(
    'fub_users',
    parents={'fub_accounts': 'fub_accounts', 'user': 'user', 'agent': 'agent', 'team': 'team'},
    lookups={'addresses': addresses},
    joins='left join ' ~ ref('user') ~ ' as login on login.id = doc.user_id
        left join addresses on addresses.email = doc.email',
    computed={
        'agent_id': known_or_null('coalesce(doc.agent_id, login.agent_id, addresses.agent_id)', 'agent')
    }
) }}
