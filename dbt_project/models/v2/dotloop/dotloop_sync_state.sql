{{ sync_state('dotloop', 'dotloop_account_id', account_rows('dotloop', 'dotloop_account_id')) }}
