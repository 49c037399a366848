{# What reZEN listed as pending and lists no more has been paid or has lapsed: it is kept, and complete. #}
{% set status = "case when doc.deleted_at is null then initcap(doc.status_told) else 'Complete' end" %}

{{ v2_overlay(
    'contributions_pending',
    natural_key='own_uuid',
    updated_at='doc.created_at',
    parents={'user': 'user', 'agent': 'agent', 'transaction': 'transaction'},
    helpers=[helper_column('own_uuid', 'text', 'pending_contribution_id')],
    lookups=contribution_lookups('doc.own_uuid'),
    live={
        'rezen': {
            'rows': contribution_rows([source('staging_rezen', 'stage_pending_contribution_rezen')]),
            'key': 'doc.own_id',
            'updated_at': contribution_moment(status, ['PENDING', 'PROCESSING', 'COMPLETE']),
            'prefer': 'doc.landed_at',
            'helpers': contribution_helpers(),
            'joins': contribution_joins(),
            'computed': {
                'status': status,
                'contribution_type': in_words('doc.kind'),
                'transaction_type': in_words('doc.kind_of_deal'),
                'source': "'rezen'",
                'contribution_date': 'coalesce(doc.closed_at, doc.contributed_at)',
                'user_id': account_id('user'),
                'agent_id': 'receiving.id',
                'transaction_id': 'deals.id',
                'contributing_agent_id': 'giving.id',
                'receiving_agent_id': 'receiving.id'
            }
        }
    }
) }}
