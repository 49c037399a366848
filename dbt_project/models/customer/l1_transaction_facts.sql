{{ customer_entity(
    'l1_transaction_facts',
    parents={
        'tokenized_user_id': ref('l0_user_tokenization'),
        'legacy_transaction_id': ref('transactions')
    },
    computed={'is_copy': 'doc.legacy_transaction_id is not null'}
) }}
