{# V1's price is a row's id or Stripe's key. #}
{{ v2_entity(
    'stripe_subscriptions',
    parents={'user': 'user'},
    computed={
        'stripe_price_id': 'select min(price.id) from ' ~ ref('stripe_pricing') ~ " as price
            where price.id = doc.stripe_price_id or price.stripe_price_id = btrim(doc.payload ->> 'price_id')"
    }
) }}
