{{ v2_entity(
    'user',
    parents={
        'user': 'user', 'stripe_product': 'stripe_product', 'stripe_pricing': 'stripe_pricing',
        'stripe_subscription_packages': 'stripe_subscription_packages'
    }
) }}
