{# Of a member only reZEN knows, the direct sponsor is told where it is the network's owner: on the first tier. #}
{{ v2_overlay(
    'network',
    natural_key='network_id_raw',
    updated_at='coalesce(doc.last_updated, doc.created_at)',
    parents={'user': 'user', 'agent': 'agent'},
    computed={
        'network_id_raw': "coalesce(
            doc.network_id_raw,
            nullif(btrim(doc.payload ->> 'agent_id_raw'), '')
            || '-' || nullif(btrim(doc.payload ->> 'downline_agent_id_raw'), '')
            || '-' || doc.tier
        )"
    },
    lookups={'agents_by_uuid': ids_by(ref('agent'), 'agent_id_raw')},
    live={
        'rezen': {
            'rows': source('staging_rezen', 'stage_network_downline_rezen_onboarding'),
            'key': 'doc.key',
            'updated_at': 'doc.last_updated',
            'helpers': [
                helper_column('owner_uuid', 'text', '_request.agent_id'),
                helper_column('member_uuid', 'text', 'id')
            ],
            'joins': 'left join agents_by_uuid as owner on owner.natural_key = doc.owner_uuid
            left join agents_by_uuid as member on member.natural_key = doc.member_uuid',
            'computed': {
                'network_id_raw': 'doc.key',
                'user_id': account_id('user'),
                'agent_id': 'owner.id',
                'downline_agent_id': 'member.id',
                'sponsoring_agent_id': 'case doc.tier when 1 then owner.id end',
                'left_network': 'doc.broker_terminated_date is not null'
            }
        }
    }
) }}
