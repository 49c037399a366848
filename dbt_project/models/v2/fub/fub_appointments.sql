{{ v2_entity(
    'fub_appointments',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_users': 'fub_users', 'fub_people': 'fub_people', 'user': 'user'
    },
    joins='left join ' ~ ref('fub_users') ~ ' as host on host.id = doc.fub_users_id',
    computed={
        'agent_id': 'host.agent_id',
        'is_held': "coalesce(lower(doc.outcome) in ('met', 'held', 'completed', 'kept'), false)"
    }
) }}
