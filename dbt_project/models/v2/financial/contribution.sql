{# Extracted, transaction_id is the number V1 states; where that is none of a deal, the deal's UUID decides. #}
{% set by_uuid %}
    select
        transaction_id_raw as uuid,
        min(id) as transaction_id
    from {{ ref('transaction') }}
    where transaction_id_raw is not null
    group by transaction_id_raw
{% endset %}

{{ v2_entity(
    'contributions',
    parents={'user': 'user', 'agent': 'agent', 'transaction': 'transaction'},
    lookups={'deals_by_uuid': by_uuid},
    joins='left join deals_by_uuid on deals_by_uuid.uuid = doc.transaction_id_raw',
    computed={
        'transaction_id': 'coalesce(' ~ known_or_null('doc.transaction_id', 'transaction') ~ ', deals_by_uuid.transaction_id)'
    }
) }}
