{{ v2_entity('stripe_product') }}
