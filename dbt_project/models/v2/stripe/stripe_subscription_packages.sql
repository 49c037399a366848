{#
    V1's price list is kept by hand, in US dollars. A product of Stripe's that is not on it, and is paid in dollars by
    month or year, is a package too: the cheapest running price of each, those by use left out.
#}
{% set listed %}
    select distinct product.stripe_product_id
    from doc
    inner join {{ ref('stripe_product') }} as product on product.id = doc.stripe_product_id
{% endset %}
{% set running %}
    select
        price.stripe_product_id,
        min(price.amount) filter (where price.interval = 'month') as monthly,
        min(price.amount) filter (where price.interval = 'year') as annual
    from {{ stripe_current('prices', 'price') }} as landed
    inner join {{ ref('stripe_pricing') }} as price on price.stripe_price_id = landed.key
    where
        landed.payload -> 'active' = 'true'
        and landed.deleted_at is null
        and landed.payload #>> '{recurring,usage_type}' is distinct from 'metered'
        and price.currency = 'usd'
        and price.interval_count = 1
    group by price.stripe_product_id
{% endset %}

{{ v2_overlay(
    'stripe_subscription_packages',
    natural_key='null',
    updated_at='null::timestamptz',
    parents={'stripe_product': 'stripe_product'},
    lookups={'listed': listed, 'running': running},
    live={
        'stripe': {
            'rows': stripe_current('products', 'product'),
            'key': 'doc.key',
            'updated_at': 'null::timestamptz',
            'helpers': [helper_column('told_tier', 'text', 'metadata.tier', 'initcap')],
            'joins': 'inner join ' ~ ref('stripe_product') ~ ' as product on product.stripe_product_id = doc.key
            inner join running on running.stripe_product_id = product.id',
            'where': 'doc.key not in (select stripe_product_id from listed)
                and coalesce(running.monthly, running.annual) is not null',
            'computed': {
                'created_at': 'product.created_at',
                'name': 'product.name',
                'description': 'product.description',
                'tier': 'doc.told_tier',
                'price_monthly': 'running.monthly',
                'price_annual': 'running.annual',
                'features': "nullif(jsonb_path_query_array(doc.payload, '$.marketing_features[*].name'), '[]')",
                'active': 'product.active',
                'stripe_product_id': 'product.id'
            }
        }
    }
) }}
