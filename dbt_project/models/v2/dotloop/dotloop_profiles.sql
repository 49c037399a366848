{# dotloop does not tell when a profile was made: it is here since its account is. #}
{{ v2_live(
    lookups={'owner': account_rows('dotloop', 'dotloop_account_id')},
    live={
        'dotloop': {
            'rows': source('staging_dotloop', 'profiles'),
            'key': 'doc.key',
            'updated_at': 'null::timestamptz',
            'joins': 'inner join owner on owner.account = doc.account',
            'computed': {'created_at': 'owner.at', 'dotloop_account_id': 'owner.id'}
        }
    }
) }}
