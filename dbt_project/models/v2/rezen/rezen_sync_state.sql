{# An account is the user whose key it is, by number, or has a name of its own in the configuration. #}
with {{ known_ids({'user': 'user'}) }}

select
    {{ live_id('rezen_sync_state', "concat_ws('/', state.account, state.resource)") }} as id,
    state.account,
    user_ids.id as user_id,
    state.resource as entity_type,
    state.cursor,
    state.last_success_at as last_sync_at,
    state.status,
    state.error as error_message,
    state.rows_landed as records_synced,
    state.first_attempt_at as created_at,
    state.last_attempt_at as updated_at
from {{ source('staging_rezen', 'sync_state') }} as state
left join user_ids on user_ids.id::text = state.account
