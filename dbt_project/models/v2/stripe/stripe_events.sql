{#
    Every event once, as received. What one tells about a product, price or subscription is laid over what was listed
    before it (stripe_current): then it is processed, and when it came again or late makes no difference.
#}
{% set received %}
    select
        account,
        key,
        jsonb_build_object('extracted_at', extracted_at) as request,
        payload,
        deleted_at
    from {{ source('staging_stripe', 'events') }}
    where {{ stripe_counts('payload') }}
{% endset %}
{% set payers %}
    select
        stripe_customer_id,
        min(user_id) as user_id
    from {{ ref('stripe_subscriptions') }}
    where stripe_customer_id is not null
    group by stripe_customer_id
{% endset %}
{% set is_kept = "coalesce(doc.kind in ('product', 'price', 'subscription', 'customer', 'invoice'), false)" %}
{% set customer = "case doc.kind when 'customer' then doc.object_id else doc.named_customer end" %}

{{ v2_live(
    lookups={'payers': payers},
    live={
        'stripe': {
            'rows': '(' ~ received ~ ')',
            'key': 'doc.stripe_event_id',
            'updated_at': 'doc.event_at',
            'helpers': [
                helper_column('kind', 'text', 'data.object.object'),
                helper_column('object_id', 'text', 'data.object.id'),
                helper_column('named_customer', 'text', ['data.object.customer.id', 'data.object.customer']),
                helper_column('named_subscription', 'text', [
                    'data.object.subscription', 'data.object.parent.subscription_details.subscription'
                ]),
                helper_column('received_at', 'timestamptz', '_request.extracted_at', 'iso')
            ],
            'joins': 'left join payers on payers.stripe_customer_id = ' ~ customer,
            'computed': {
                'stripe_customer_id': customer,
                'stripe_subscription_id': "case doc.kind when 'subscription' then doc.object_id else doc.named_subscription end",
                'user_id': 'payers.user_id',
                'payload': 'doc.payload',
                'processed': is_kept,
                'processed_at': 'case when ' ~ is_kept ~ ' then doc.received_at end',
                'created_at': 'doc.received_at',
                'error_message': 'null'
            }
        }
    }
) }}
