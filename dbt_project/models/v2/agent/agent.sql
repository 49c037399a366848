{{ v2_entity(
    'agent',
    parents={'team': 'team', 'user': 'user', 'brokerage': 'brokerage', 'office': 'office'}
) }}
