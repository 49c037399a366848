{{ v2_entity('brokerage') }}
