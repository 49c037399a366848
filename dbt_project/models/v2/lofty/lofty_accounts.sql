{# Lofty gives a key and no tokens: the key stays in the configuration. #}
{{ v2_live(
    lookups={'connected': account_states('lofty'), 'logins': rows_by_email('user')},
    live={
        'lofty': {
            'rows': source('staging_lofty', 'accounts'),
            'key': 'doc.key',
            'updated_at': 'null::timestamptz',
            'joins': 'left join connected on connected.account = doc.account
            left join logins on logins.email = doc.email',
            'computed': {
                'created_at': 'connected.at',
                'user_id': 'logins.id',
                'access_token': 'null',
                'refresh_token': 'null',
                'token_expires_at': 'null',
                'active': 'doc.deleted_at is null and connected.is_ready'
            }
        }
    }
) }}
