{{ v2_entity(
    'fub_text_messages',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_users': 'fub_users', 'fub_people': 'fub_people', 'user': 'user'
    },
    joins='left join ' ~ ref('fub_users') ~ ' as writer on writer.id = doc.fub_users_id',
    computed={'agent_id': 'writer.agent_id'}
) }}
