{#
    V1's price is a row's id or Stripe's key. Of a subscription with several items, price and seats are the first one's.
    The paid period stands at the top, or, in newer versions of the API, in each item: then all items' common part.
    Who pays is in Stripe's own notes on subscription or customer, else V1 knows the customer, else his address does.
#}
{% set items = array_elements("doc.payload #> '{items,data}'") %}
{% set period_start %}
    coalesce(doc.top_start, to_timestamp((select max((item.value ->> 'current_period_start')::bigint) from {{ items }} as item)))
{% endset %}
{% set period_end %}
    coalesce(doc.top_end, to_timestamp((select min((item.value ->> 'current_period_end')::bigint) from {{ items }} as item)))
{% endset %}
{% set payers %}
    select
        stripe_customer_id,
        min(user_id) as user_id
    from doc
    where user_id in (select id from user_ids)
    group by stripe_customer_id
{% endset %}
{% set customers %}
    select
        customer.key,
        min(named.id) as named_id,
        min(addressed.id) as addressed_id
    from {{ stripe_current('customers', 'customer') }} as customer
    left join {{ ref('user') }} as named on named.id::text = customer.payload #>> '{metadata,user_id}'
    left join {{ ref('user') }} as addressed on addressed.email = lower(btrim(customer.payload ->> 'email'))
    group by customer.key
{% endset %}

{{ v2_overlay(
    'stripe_subscriptions',
    natural_key='stripe_subscription_id',
    updated_at='null::timestamptz',
    parents={'user': 'user'},
    lookups={
        'told': told_by_v1('doc.stripe_subscription_id', [
            'status', 'quantity', 'current_period_start', 'current_period_end', 'cancel_at_period_end', 'canceled_at'
        ], also={'price_key': "nullif(btrim(doc.payload ->> 'price_id'), '')"}),
        'prices': ids_by(ref('stripe_pricing'), 'stripe_price_id'),
        'payers': payers,
        'customers': customers
    },
    computed={
        'stripe_price_id': 'select min(price.id) from ' ~ ref('stripe_pricing') ~ " as price
            where price.id = doc.stripe_price_id or price.stripe_price_id = btrim(doc.payload ->> 'price_id')"
    },
    live={
        'stripe': {
            'rows': stripe_current('subscriptions', 'subscription'),
            'key': 'doc.stripe_subscription_id',
            'updated_at': told_otherwise({
                'status': 'doc.status',
                'quantity': 'doc.seats',
                'current_period_start': period_start,
                'current_period_end': period_end,
                'cancel_at_period_end': 'doc.cancel_at_period_end',
                'canceled_at': 'doc.canceled_at',
                'price_key': 'case when told.price_key = prices.id::text then told.price_key else doc.price_key end'
            }, blanks={'quantity': 1, 'cancel_at_period_end': 'false'}),
            'helpers': [
                helper_column('seats', 'integer', 'items.data.0.quantity'),
                helper_column('price_key', 'text', 'items.data.0.price.id'),
                helper_column('top_start', 'timestamptz', 'current_period_start', 'epoch_s'),
                helper_column('top_end', 'timestamptz', 'current_period_end', 'epoch_s'),
                helper_column('noted_user', 'bigint', 'metadata.user_id')
            ],
            'joins': 'left join told on told.natural_key = doc.stripe_subscription_id
            left join prices on prices.natural_key = doc.price_key
            left join payers on payers.stripe_customer_id = doc.stripe_customer_id
            left join customers on customers.key = doc.stripe_customer_id',
            'computed': {
                'user_id': 'coalesce(' ~ known_or_null('doc.noted_user', 'user')
                    ~ ', customers.named_id, payers.user_id, customers.addressed_id)',
                'stripe_price_id': 'prices.id',
                'quantity': 'doc.seats',
                'current_period_start': period_start,
                'current_period_end': period_end
            }
        }
    }
) }}
