{{ v2_entity(
    'participant_paid',
    parents={'participant': 'participant', 'transaction': 'transaction', 'agent': 'agent', 'user': 'user'}
) }}
