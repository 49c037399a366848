{{ sync_state_of('lofty', 'lofty_user_id') }}
