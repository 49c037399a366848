{{ v2_overlay(
    'stripe_product',
    natural_key='stripe_product_id',
    updated_at='null::timestamptz',
    lookups={'told': told_by_v1('doc.stripe_product_id', ['name', 'description', 'active'])},
    live={
        'stripe': {
            'rows': stripe_current('products', 'product'),
            'key': 'doc.stripe_product_id',
            'updated_at': told_otherwise({
                'name': 'doc.name',
                'description': 'doc.description',
                'active': 'doc.deleted_at is null and doc.told_active'
            }),
            'helpers': [helper_column('told_active', 'boolean', 'active')],
            'joins': 'left join told on told.natural_key = doc.stripe_product_id',
            'computed': {'active': 'doc.deleted_at is null and doc.told_active'}
        }
    }
) }}
