{# Extracted, `status` is the stage or else the status as V1 spells it. #}
{% set latest_deal %}
    select distinct on (listing_id)
        listing_id,
        id as transaction_id
    from {{ ref('transaction') }}
    where listing_id is not null
    order by listing_id, created_at desc nulls last, id desc
{% endset %}

{{ v2_entity(
    'listing',
    parents={'agent': 'agent', 'team': 'team', 'office': 'office', 'user': 'user', 'transaction': 'transaction'},
    lookups={'latest_deal': latest_deal},
    joins='left join latest_deal on latest_deal.listing_id = doc.id',
    computed={
        'status': listing_status('doc.status', 'doc.closed', 'doc.terminated'),
        'days_on_market': 'coalesce(doc.days_on_market, doc.closed_at - doc.listing_date)',
        'transaction_id': 'latest_deal.transaction_id'
    }
) }}
