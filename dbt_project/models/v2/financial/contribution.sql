{# Extracted, V1's transaction_id is the number it states; where that is none of a deal, the deal's UUID decides. #}
{{ v2_overlay(
    'contributions',
    natural_key='contribution_id_raw',
    updated_at='doc.created_at',
    parents={'user': 'user', 'agent': 'agent', 'transaction': 'transaction'},
    lookups=contribution_lookups('doc.contribution_id_raw'),
    joins='left join deals_by_uuid on deals_by_uuid.natural_key = doc.transaction_id_raw',
    computed={
        'transaction_id': 'coalesce(' ~ known_or_null('doc.transaction_id', 'transaction') ~ ', deals_by_uuid.id)'
    },
    live={
        'rezen': {
            'rows': contribution_rows([
                source('staging_rezen', 'stage_contributions_rezen_onboarding'),
                source('staging_rezen', 'stage_contributions_rezen_daily_sync')
            ]),
            'key': 'doc.own_id',
            'updated_at': contribution_moment('doc.status_told', ['PENDING', 'PROCESSED', 'PAID', 'VOID']),
            'prefer': 'doc.landed_at',
            'helpers': contribution_helpers(),
            'joins': contribution_joins(),
            'computed': {
                'contribution_id_raw': 'doc.own_id',
                'contribution_type': in_words('doc.kind'),
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
