{{ v2_entity(
    'revshare_payments',
    parents={'user': 'user', 'agent': 'agent', 'revshare_totals': 'revshare_totals'}
) }}
