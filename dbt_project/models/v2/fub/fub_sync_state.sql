{{ sync_state('fub', 'fub_account_id', fub_account_lookup()) }}
