{{ v2_entity(
    'fub_deals',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_people': 'fub_people', 'fub_users': 'fub_users', 'user': 'user',
        'team': 'team'
    }
) }}
