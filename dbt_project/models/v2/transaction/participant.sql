{# A payment that names no participant belongs to the first of its deal and agent, as in transaction_participants. #}
{% set payments %}
    select
        coalesce(paid.participant_id, first_rows.id) as participant_id,
        sum(paid.gross_amount) as gross_amount,
        sum(paid.amount) as amount,
        max(paid.paid_at) as paid_at,
        (array_agg(paid.percent order by paid.paid_at desc nulls last, paid.id desc) filter (
            where paid.percent is not null
        ))[1] as percent
    from {{ ref('participant_paid') }} as paid
    left join (
        select
            transaction_id,
            agent_id,
            min(id) as id
        from {{ ref('transaction_participants') }}
        group by transaction_id, agent_id
    ) as first_rows
        on first_rows.transaction_id = paid.transaction_id and first_rows.agent_id = paid.agent_id
    group by coalesce(paid.participant_id, first_rows.id)
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
