{{ v2_entity('state_province') }}
