{# Its agent is that of the person as last known, whoever told the event. #}
{{ v2_overlay(
    'fub_events',
    natural_key=fub_key('fub_events_id', 'fub_account_id_raw'),
    updated_at='greatest(doc.fub_updated_at, doc.fub_created_at)',
    parents={'fub_accounts': 'fub_accounts', 'fub_people': 'fub_people'},
    lookups=fub_lookups(['fub_people']),
    live={
        'fub': {
            'rows': source('staging_fub', 'events'),
            'key': fub_live_key('doc.fub_events_id'),
            'updated_at': 'greatest(doc.fub_updated_at, doc.fub_created_at)',
            'joins': fub_joins({'person': ['fub_people', 'doc.people_id']}),
            'computed': dict(
                fub_account_columns('ad_events_id', 'doc.fub_events_id'),
                fub_people_id='person.id',
                people_name='person.name'
            )
        }
    },
    after={'agent_id': 'person.agent_id'},
    after_joins='left join ' ~ ref('fub_people') ~ ' as person on person.id = merged.fub_people_id'
) }}
