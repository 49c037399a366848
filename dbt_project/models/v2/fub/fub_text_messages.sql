{{ v2_overlay(
    'fub_text_messages',
    natural_key=fub_key('text_message_id', "split_part(ad_text_message_id, '_', 1)"),
    updated_at='greatest(doc.fub_updated_at, doc.fub_created_at)',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_users': 'fub_users', 'fub_people': 'fub_people', 'user': 'user'
    },
    lookups=fub_lookups(['fub_users', 'fub_people']),
    live={
        'fub': {
            'rows': source('staging_fub', 'stage_text_messages_fub_onboarding'),
            'key': fub_live_key('doc.text_message_id'),
            'updated_at': 'greatest(doc.fub_updated_at, doc.fub_created_at)',
            'helpers': [helper_column('person_number', 'bigint', 'personId', 'null_if_zero')],
            'joins': fub_joins({
                'writer': ['fub_users', 'doc.fub_user_id'], 'person': ['fub_people', 'doc.person_number']
            }),
            'computed': {
                'fub_account_id': 'fub_account.id',
                'ad_text_message_id': "fub_account.number || '_' || doc.text_message_id",
                'fub_users_id': 'writer.id',
                'fub_people_id': 'person.id',
                'user_id': 'writer.user_id',
                'is_webhook': 'false'
            }
        }
    },
    after={'agent_id': 'writer.agent_id'},
    after_joins='left join ' ~ ref('fub_users') ~ ' as writer on writer.id = merged.fub_users_id'
) }}
