{{ customer_entity(
    'user_events',
    parents={'user_id': ref('users'), 'tokenized_user_id': ref('l0_user_tokenization')}
) }}
