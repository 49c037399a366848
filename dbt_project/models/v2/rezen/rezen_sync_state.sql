{# An account is the user whose key it is, by number, or has a name of its own in the configuration. #}
{{ sync_state('rezen', 'user_id', 'select key as account, key::bigint as id from ' ~ source('staging_v1', 'user')) }}
