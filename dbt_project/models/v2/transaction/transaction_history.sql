{#
    V1 keeps a deal's changes in an array; an older document has none. Its changes are then the dates it knows:
    listed, under contract, closed or terminated.
#}
with {{ elements_of('transaction', 'history') }},

changes as (
    {{ extract('elements', declared_columns(model), within='history', keep=['seq']) }}
),

{{ known_ids({'user': 'user'}) }},

without_changes as (
    {{ extract(
        "(select * from " ~ source('staging_v1', 'transaction')
        ~ " where jsonb_typeof(payload -> 'history') is distinct from 'array')",
        [helper_column('terminated_at', 'timestamptz', 'terminatedAt', 'epoch_ms')]
    ) }}
),

dated as (
    select
        deals.id as transaction_id,
        moment.changed_at,
        moment.new_status,
        row_number() over (partition by deals.id order by moment.place)::integer as seq
    from {{ ref('transaction') }} as deals
    inner join without_changes on without_changes.key = deals.id
    cross join
        lateral (
            values
            (1, 'Listed', deals.listing_date),
            (2, 'Pending', deals.contract_date),
            (3, 'Closed', case when deals.status = 'Closed' then deals.closing_date end),
            (4, 'Terminated', without_changes.terminated_at)
        ) as moment (place, new_status, changed_at)
    where moment.changed_at is not null
)

select
    {{ surrogate(['changes.key', 'changes.seq']) }} as id,
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
    {{ surrogate(['dated.transaction_id', 'dated.seq']) }},
    dated.transaction_id,
    dated.seq,
    'stage',
    lag(dated.new_status) over (partition by dated.transaction_id order by dated.seq),
    dated.new_status,
    dated.changed_at,
    null
from dated
