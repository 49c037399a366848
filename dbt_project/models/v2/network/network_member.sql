{{ v2_entity(
    'network',
    parents={'user': 'user', 'agent': 'agent'},
    computed={
        'network_id_raw': "coalesce(
            doc.network_id_raw,
            nullif(btrim(doc.payload ->> 'agent_id_raw'), '')
            || '-' || nullif(btrim(doc.payload ->> 'downline_agent_id_raw'), '')
            || '-' || doc.tier
        )"
    }
) }}
