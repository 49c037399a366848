{% set reached %}
    coalesce(lower(merged.outcome) in ('interested', 'not interested'), false)
        or coalesce(merged.duration > {{ var('connected_call_seconds') }}, false)
{% endset %}

{{ v2_overlay(
    'fub_calls',
    natural_key=fub_key('call_id', 'fub_account_id_raw'),
    updated_at='greatest(doc.fub_updated_at, doc.fub_created_at)',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_users': 'fub_users', 'fub_people': 'fub_people', 'user': 'user'
    },
    lookups=fub_lookups(['fub_users', 'fub_people']),
    computed={
        'direction': "coalesce(doc.direction, case lower(btrim(doc.payload ->> 'is_incoming'))
            when 'true' then 'inbound'
            when 'false' then 'outbound'
        end)"
    },
    live={
        'fub': {
            'rows': source('staging_fub', 'calls'),
            'key': fub_live_key('doc.call_id'),
            'updated_at': 'greatest(doc.fub_updated_at, doc.fub_created_at)',
            'helpers': [
                helper_column('told_recording', 'text', 'recordingUrl'),
                helper_column('author', 'bigint', 'createdById'),
                helper_column('editor', 'bigint', 'updatedById')
            ],
            'joins': fub_joins({
                'caller': ['fub_users', 'doc.fub_user_id'], 'person': ['fub_people', 'doc.person_id']
            }),
            'computed': dict(
                fub_account_columns('ad_call_id', 'doc.call_id'),
                fub_users_id='caller.id',
                fub_people_id='person.id',
                user_id='caller.user_id',
                direction="case when doc.is_incoming then 'inbound' when not doc.is_incoming then 'outbound' end",
                recording_url=fub_unmasked('told_recording'),
                user_missing='doc.fub_user_id is not null and caller.id is null',
                created_by_id=fub_number('author'),
                updated_by_id=fub_number('editor')
            )
        }
    },
    after={'agent_id': 'caller.agent_id', 'is_connected': reached},
    after_joins='left join ' ~ ref('fub_users') ~ ' as caller on caller.id = merged.fub_users_id'
) }}
