with accounts as (
    {{ fub_account_lookup() }}
)

select
    {{ live_id('fub_sync_state', "concat_ws('/', state.account, state.resource)") }} as id,
    state.account,
    accounts.id as fub_account_id,
    state.resource as entity_type,
    state.cursor,
    state.last_success_at as last_sync_at,
    state.status,
    state.error as error_message,
    state.rows_landed as records_synced,
    state.first_attempt_at as created_at,
    state.last_attempt_at as updated_at
from {{ source('staging_fub', 'sync_state') }} as state
left join accounts on accounts.account = state.account
