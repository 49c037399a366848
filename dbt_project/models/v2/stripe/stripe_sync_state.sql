{{ sync_state('stripe') }}
