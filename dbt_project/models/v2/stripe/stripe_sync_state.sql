select
    {{ live_id('stripe_sync_state', "concat_ws('/', account, resource)") }} as id,
    account,
    resource as entity_type,
    cursor,
    last_success_at as last_sync_at,
    status,
    error as error_message,
    rows_landed as records_synced,
    first_attempt_at as created_at,
    last_attempt_at as updated_at
from {{ source('staging_stripe', 'sync_state') }}
