{{ sync_state_of('dotloop', 'dotloop_account_id') }}
