{#
    V1 keeps a deal's changes in an array; an older document has none. Its changes are then the dates it knows:
    listed, under contract, closed or terminated. What a live source tells otherwise than V1, or than it told when last
    looked at, is a change too: observed once, and kept by this table itself.
#}
{% set v1_columns = [
    helper_column('stage', 'text', ['stage', 'status']),
    helper_column('closed', 'boolean', 'closed', default='false'),
    helper_column('terminated', 'boolean', 'terminated', default='false'),
    helper_column('archived', 'boolean', 'archived'),
    helper_column('listing_date', 'timestamptz', 'listingDate', 'epoch_ms'),
    helper_column('contract_date', 'timestamptz', 'contractAcceptanceDate', 'epoch_ms'),
    helper_column('closing_date', 'timestamptz', ['closedAt', 'close_date'], 'moment'),
    helper_column('terminated_at', 'timestamptz', 'terminatedAt', 'epoch_ms'),
    helper_column('sale_price', 'numeric(14,2)', ['price', 'price.amount', 'price_amount'])
] %}
{% set v1_status = deal_status('doc.stage', 'doc.closed', 'doc.terminated', 'doc.archived', 'doc.contract_date') %}
{% set change_id = surrogate(
    ['told_now.transaction_id', 'told_now.field', 'told_now.new_status', 'told_now.changed_at']
) %}

with {{ elements_of('transaction', 'history') }},

changes as (
    {{ extract('elements', declared_columns(model), within='history', keep=['seq']) }}
),

{{ known_ids({'user': 'user'}) }},

without_changes as (
    {{ extract(
        "(select * from " ~ source('staging_v1', 'transaction')
        ~ " where jsonb_typeof(payload -> 'history') is distinct from 'array')",
        v1_columns
    ) }}
),

dated as (
    select
        doc.key as transaction_id,
        moment.changed_at,
        moment.new_status,
        row_number() over (partition by doc.key order by moment.place)::integer as seq
    from without_changes as doc
    cross join
        lateral (
            values
            (1, 'Listed', doc.listing_date),
            (2, 'Pending', doc.contract_date),
            (3, 'Closed', case when {{ v1_status }} = 'Closed' then doc.closing_date end),
            (4, 'Terminated', doc.terminated_at)
        ) as moment (place, new_status, changed_at)
    where moment.changed_at is not null
),

told_by_v1 as (
    select
        changes.key as transaction_id,
        changes.seq,
        changes.field,
        changes.old_status,
        changes.new_status,
        changes.changed_at,
        {{ known_or_null('changes.changed_by', 'user') }} as changed_by
    from changes
    union all
    select
        dated.transaction_id,
        dated.seq,
        'stage',
        lag(dated.new_status) over (partition by dated.transaction_id order by dated.seq),
        dated.new_status,
        dated.changed_at,
        null
    from dated
),

kept as (
    {{ observed_so_far(['id', 'transaction_id', 'field', 'old_status', 'new_status', 'changed_at', '_source']) }}
),

newer_than_v1 as (
    select * from {{ ref('transaction') }} where _source <> 'v1'
),

documents as (
    {{ extract(
        "(select * from " ~ source('staging_v1', 'transaction') ~ " where key in (select id::text from newer_than_v1))",
        v1_columns
    ) }}
),

v1_values as (
    select
        doc.key as transaction_id,
        {{ v1_status }} as status,
        doc.sale_price
    from documents as doc
),

-- What was last known of a field: what was observed last, else what V1 says.
last_kept as (
    select distinct on (transaction_id, field)
        transaction_id,
        field,
        new_status as known
    from kept
    order by transaction_id, field, changed_at desc, id desc
),

told_now as (
    select
        deals.id as transaction_id,
        told.field,
        case when last_kept.field is null then told.by_v1 else last_kept.known end as old_status,
        told.now as new_status,
        coalesce(
            case when v1_values.transaction_id is null and last_kept.field is null then deals.created_at end,
            deals.last_updated
        ) as changed_at,
        deals._source
    from newer_than_v1 as deals
    left join v1_values on v1_values.transaction_id = deals.id
    cross join
        lateral (
            values
            ('stage', v1_values.status, deals.status),
            ('price', v1_values.sale_price::text, deals.sale_price::text)
        ) as told (field, by_v1, now)
    left join last_kept on last_kept.transaction_id = deals.id and last_kept.field = told.field
),

observed as (
    select
        kept.id,
        kept.transaction_id,
        kept.field,
        kept.old_status,
        kept.new_status,
        kept.changed_at,
        kept._source
    from kept
    inner join {{ ref('transaction') }} as deals on deals.id = kept.transaction_id
    union
    select
        {{ change_id }},
        told_now.transaction_id,
        told_now.field,
        told_now.old_status,
        told_now.new_status,
        told_now.changed_at,
        told_now._source
    from told_now
    -- A source that goes back to what it said at an older moment tells nothing that is not written down.
    where told_now.new_status <> coalesce(told_now.old_status, '') and {{ change_id }} not in (select kept.id from kept)
),

ends as (
    select
        transaction_id,
        max(seq) as seq
    from told_by_v1
    group by transaction_id
)

select
    {{ surrogate(['told_by_v1.transaction_id', 'told_by_v1.seq']) }} as id,
    told_by_v1.transaction_id,
    told_by_v1.seq,
    told_by_v1.field,
    told_by_v1.old_status,
    told_by_v1.new_status,
    told_by_v1.changed_at,
    told_by_v1.changed_by,
    'v1' as _source
from told_by_v1
union all
select
    observed.id,
    observed.transaction_id,
    (coalesce(ends.seq, 0) + row_number() over (
        partition by observed.transaction_id order by observed.changed_at, observed.field desc, observed.id
    ))::integer,
    observed.field,
    observed.old_status,
    observed.new_status,
    observed.changed_at,
    null,
    observed._source
from observed
left join ends on ends.transaction_id = observed.transaction_id
