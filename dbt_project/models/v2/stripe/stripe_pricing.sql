{{ v2_entity(
    'stripe_pricing',
    computed={
        'stripe_product_id': 'select min(product.id) from ' ~ ref('stripe_product')
            ~ ' as product where product.stripe_product_id = doc.stripe_product_id_raw'
    }
) }}
