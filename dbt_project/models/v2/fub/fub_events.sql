{{ v2_entity(
    'fub_events',
    parents={'fub_accounts': 'fub_accounts', 'fub_people': 'fub_people'},
    joins='left join ' ~ ref('fub_people') ~ ' as person on person.id = doc.fub_people_id',
    computed={'agent_id': 'person.agent_id'}
) }}
