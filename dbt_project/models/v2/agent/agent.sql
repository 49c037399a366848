{# reZEN tells of the agents whose keys it is read with, and of everybody in their networks: the newest counts. #}
{{ v2_overlay(
    'agent',
    natural_key='agent_id_raw',
    updated_at='greatest(doc.updated_at, doc.created_at)',
    parents={'team': 'team', 'user': 'user', 'brokerage': 'brokerage', 'office': 'office'},
    live={
        'rezen': {
            'rows': [
                source('staging_rezen', 'agents'),
                source('staging_rezen', 'stage_network_downline_rezen_onboarding')
            ],
            'key': 'doc.own_uuid',
            'updated_at': 'doc.updated_at',
            'helpers': [helper_column('own_uuid', 'text', 'id')],
            'computed': {
                'agent_id_raw': 'doc.own_uuid',
                'display_name': "nullif(concat_ws(' ', doc.first_name, doc.last_name), '')",
                'real_agent': 'true',
                'source': "'rezen'"
            }
        }
    }
) }}
