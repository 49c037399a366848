{{ v2_overlay(
    'transaction',
    natural_key='own_key',
    updated_at='greatest(doc.updated, doc.updated_at_source, doc.created)',
    helpers=[
        helper_column('own_key', 'text', ['transaction_id_raw', 'transaction_id']),
        helper_column('created', 'timestamptz', ['created_at', 'createdAt'], 'epoch_ms'),
        helper_column('updated', 'timestamptz', 'updatedAt', 'epoch_ms'),
        helper_column('updated_at_source', 'timestamptz', 'last_updatedAt', 'epoch_ms')
    ],
    parents={'transaction': 'transaction'},
    lookups={'deals_by_key': ids_by(ref('transaction'), 'transaction_id_raw')},
    live=live_deals_linked()
) }}
