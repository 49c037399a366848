{{ v2_live(
    lookups={'connected': account_states('dotloop'), 'logins': rows_by_email('user')},
    live={
        'dotloop': {
            'rows': source('staging_dotloop', 'accounts'),
            'key': 'doc.key',
            'updated_at': 'null::timestamptz',
            'joins': 'left join connected on connected.account = doc.account
            left join logins on logins.email = doc.email
            left join ' ~ source('staging_dotloop', 'tokens') ~ ' as token on token.account = doc.account',
            'computed': {
                'created_at': 'connected.at',
                'user_id': 'logins.id',
                'access_token': 'token.access_token',
                'refresh_token': 'token.refresh_token',
                'token_expires_at': 'token.expires_at',
                'active': 'doc.deleted_at is null and connected.is_ready'
            }
        }
    }
) }}
