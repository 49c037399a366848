{% set payments %}
    select
        participant_id,
        sum(gross_amount) as gross_amount,
        sum(amount) as amount,
        max(paid_at) as paid_at,
        (array_agg(percent order by paid_at desc nulls last, id desc) filter (where percent is not null))[1] as percent
    from {{ ref('participant_paid') }}
    where participant_id is not null
    group by participant_id
{% endset %}

{{ v2_entity(
    'participant',
    parents={
        'transaction': 'transaction', 'listing': 'listing', 'agent': 'agent', 'user': 'user'
    },
    lookups={'payments': payments},
    joins='left join payments on payments.participant_id = doc.id',
    computed={
        'full_name': "coalesce(doc.full_name, nullif(concat_ws(' ', doc.first_name, doc.last_name), ''))",
        'is_real_agent': 'coalesce(doc.agent_id in (select id from agent_ids), false)',
        'commission_split': 'payments.percent',
        'gross_commission': 'payments.gross_amount',
        'net_payout': 'payments.amount',
        'paid': 'payments.paid_at is not null',
        'paid_at': 'payments.paid_at'
    }
) }}
