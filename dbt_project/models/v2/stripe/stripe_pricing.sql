{# A price in tiers, or below a cent, has no amount that fits. #}
{% set amount = stripe_amount('doc.minor', 'doc.currency') %}
{% set name = 'coalesce(doc.nickname, told.name, product.name)' %}

{{ v2_overlay(
    'stripe_pricing',
    natural_key='stripe_price_id',
    updated_at='null::timestamptz',
    lookups={
        'told': told_by_v1('doc.stripe_price_id', [
            'name', 'amount', 'currency', 'type', 'interval', 'interval_count', 'stripe_product_id_raw'
        ]),
        'products': ids_by(ref('stripe_product'), 'stripe_product_id')
    },
    live={
        'stripe': {
            'rows': stripe_current('prices', 'price'),
            'key': 'doc.stripe_price_id',
            'updated_at': told_otherwise({
                'name': name,
                'amount': 'round(' ~ amount ~ ', 2)',
                'currency': 'doc.currency',
                'type': 'doc.type',
                'interval': 'doc.interval',
                'interval_count': 'doc.interval_count',
                'stripe_product_id_raw': 'doc.stripe_product_id_raw'
            }, blanks={'interval_count': 1}),
            'helpers': [
                helper_column('minor', 'numeric(12,0)', 'unit_amount'),
                helper_column('nickname', 'text', 'nickname')
            ],
            'joins': 'left join told on told.natural_key = doc.stripe_price_id
            left join ' ~ ref('stripe_product') ~ ' as product on product.id = (
                select products.id from products where products.natural_key = doc.stripe_product_id_raw
            )',
            'computed': {'amount': amount, 'name': name}
        }
    },
    after={'stripe_product_id': 'products.id'},
    after_joins='left join products on products.natural_key = merged.stripe_product_id_raw'
) }}
