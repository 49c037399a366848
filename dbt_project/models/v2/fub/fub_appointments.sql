{# FUB names user and person among those invited; one without an invited user is its author's. #}
{% set host %}
    coalesce(jsonb_path_query_first(doc.invitees, '$[*].userId ? (@ > 0)')::bigint, {{ fub_number('author') }})
{% endset %}
{% set guest = "jsonb_path_query_first(doc.invitees, '$[*].personId ? (@ > 0)')::bigint" %}

{{ v2_overlay(
    'fub_appointments',
    natural_key=fub_key('appointment_id', "split_part(ad_appointment_id, '_', 1)"),
    updated_at='greatest(doc.fub_updated_at, doc.fub_created_at)',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_users': 'fub_users', 'fub_people': 'fub_people', 'user': 'user'
    },
    lookups=fub_lookups(['fub_users', 'fub_people']),
    live={
        'fub': {
            'rows': source('staging_fub', 'stage_appointments_fub_onboarding'),
            'key': fub_live_key('doc.appointment_id'),
            'updated_at': 'greatest(doc.fub_updated_at, doc.fub_created_at)',
            'helpers': [
                helper_column('author', 'bigint', 'createdById'), helper_column('editor', 'bigint', 'updatedById')
            ],
            'joins': fub_joins({
                'host': ['fub_users', host],
                'guest': ['fub_people', guest],
                'maker': ['fub_users', fub_number('author')],
                'changer': ['fub_users', fub_number('editor')]
            }),
            'computed': {
                'fub_account_id': 'fub_account.id',
                'ad_appointment_id': "fub_account.number || '_' || doc.appointment_id",
                'fub_users_id': 'host.id',
                'fub_user_id_raw': host,
                'created_by_fub_users_id': 'maker.id',
                'created_by_id': fub_number('author'),
                'created_by_name': 'maker.name',
                'updated_by_id': fub_number('editor'),
                'updated_by_name': 'changer.name',
                'fub_people_id': 'guest.id',
                'invited_person_id_raw': guest,
                'user_id': 'host.user_id'
            }
        }
    },
    after={
        'agent_id': 'host.agent_id',
        'is_held': "coalesce(lower(merged.outcome) in ('met', 'held', 'completed', 'kept'), false)"
    },
    after_joins='left join ' ~ ref('fub_users') ~ ' as host on host.id = merged.fub_users_id'
) }}
