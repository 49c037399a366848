{{ sync_state('lofty', 'lofty_account_id', account_rows('lofty', 'lofty_user_id')) }}
