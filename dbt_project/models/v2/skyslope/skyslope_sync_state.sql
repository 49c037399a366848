{# An account is the connection whose keys it has, by number, or has a name of its own in the configuration. #}
with {{ known_ids({'skyslope_connection': 'skyslope_connection'}) }}

select
    {{ live_id('skyslope_sync_state', "concat_ws('/', state.account, state.resource)") }} as id,
    state.account,
    skyslope_connection_ids.id as skyslope_connection_id,
    state.resource as entity_type,
    state.cursor,
    state.last_success_at as last_sync_at,
    state.status,
    state.error as error_message,
    state.rows_landed as records_synced,
    state.first_attempt_at as created_at,
    state.last_attempt_at as updated_at
from {{ source('staging_skyslope', 'sync_state') }} as state
left join skyslope_connection_ids on skyslope_connection_ids.id::text = state.account
