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

{% set named = "nullif(concat_ws(' ', doc.first_name, doc.last_name), '')" %}
{% set rezen = live_spec(
    rezen_participants(),
    joins="left join deals_by_key on deals_by_key.natural_key = doc.object_id and not doc.on_listing
    left join listings_by_uuid on listings_by_uuid.natural_key = doc.object_id and doc.on_listing
    left join agents_by_uuid on agents_by_uuid.uuid = doc.agent_uuid",
    computed={
        'updated_at': 'doc.changed_at',
        'participant_id_raw': 'doc.key',
        'transaction_id': 'deals_by_key.id',
        'transaction_id_raw': 'case when not doc.on_listing then doc.object_id end',
        'listing_id': 'listings_by_uuid.id',
        'agent_id': 'agents_by_uuid.agent_id',
        'agent_name': 'agents_by_uuid.display_name',
        'user_id': 'agents_by_uuid.user_id',
        'full_name': 'coalesce(doc.own_name, ' ~ named ~ ')',
        'is_transaction': 'not doc.on_listing',
        'is_listing': 'doc.on_listing'
    }
) %}
{% set skyslope = live_spec(
    skyslope_participants(),
    joins='left join deals_by_key on deals_by_key.natural_key = doc.object_id',
    computed={
        'updated_at': 'doc.changed_at',
        'participant_id_raw': 'doc.key',
        'transaction_id': 'deals_by_key.id',
        'transaction_id_raw': 'doc.object_id',
        'full_name': named,
        'address': street_address(['doc.number', 'doc.street']),
        'external': 'true',
        'is_transaction': 'true',
        'is_listing': 'false'
    }
) %}

{{ v2_overlay(
    'participant',
    natural_key='participant_id_raw',
    updated_at='greatest(doc.updated_at, doc.created_at)',
    parents={
        'transaction': 'transaction', 'listing': 'listing', 'agent': 'agent', 'user': 'user'
    },
    computed={'full_name': 'coalesce(doc.full_name, ' ~ named ~ ')'},
    lookups={
        'payments': payments,
        'deals_of_v1': uuids_of_v1_deals(),
        'deals_by_key': ids_by(ref('transaction'), 'transaction_id_raw'),
        'listings_by_uuid': ids_by(ref('listing'), 'listing_id_raw'),
        'agents_by_uuid': agents_with('agent_id_raw', 'uuid')
    },
    live={'rezen': rezen, 'skyslope': skyslope},
    after={
        'is_real_agent': 'merged.agent_id is not null',
        'commission_split': 'payments.percent',
        'gross_commission': 'payments.gross_amount',
        'net_payout': 'payments.amount',
        'paid': 'payments.paid_at is not null',
        'paid_at': 'payments.paid_at'
    },
    after_joins='left join payments on payments.participant_id = merged.id'
) }}
