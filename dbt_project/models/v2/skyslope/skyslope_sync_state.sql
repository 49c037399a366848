{# An account is the connection whose key it is, by number, or has a name of its own in the configuration. #}
{{ sync_state(
    'skyslope', 'skyslope_connection_id',
    'select key as account, key::bigint as id from ' ~ source('staging_v1', 'skyslope_connection')
) }}
