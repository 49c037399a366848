{{ v2_entity('stripe_subscription_packages', parents={'stripe_product': 'stripe_product'}) }}
