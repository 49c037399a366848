{{ v2_entity(
    'fub_calls',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_users': 'fub_users', 'fub_people': 'fub_people', 'user': 'user'
    },
    joins='left join ' ~ ref('fub_users') ~ ' as caller on caller.id = doc.fub_users_id',
    computed={
        'agent_id': 'caller.agent_id',
        'direction': "coalesce(doc.direction, case lower(btrim(doc.payload ->> 'is_incoming'))
            when 'true' then 'inbound'
            when 'false' then 'outbound'
        end)",
        'is_connected': "coalesce(lower(doc.outcome) in ('interested', 'not interested'), false)
            or coalesce(doc.duration > " ~ var('connected_call_seconds') ~ ", false)"
    }
) }}
