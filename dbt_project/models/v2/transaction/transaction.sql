{# Extracted, `status` is the stage or else the status as V1 spells it, and `transaction_type` the type as spelled. #}
{{ v2_entity(
    'transaction',
    parents={'agent': 'agent', 'listing': 'listing', 'team': 'team', 'office': 'office', 'user': 'user'},
    computed={
        'status': deal_status('doc.status', 'doc.closed', 'doc.terminated', 'doc.archived', 'doc.contract_date'),
        'transaction_type': deal_type('doc.transaction_type')
    }
) }}
