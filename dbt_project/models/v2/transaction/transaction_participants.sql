{#
    Who worked on which deal, and what he is credited with. docs/how_deals_are_credited.md states the rule;
    the steps below follow it: rows, payments, credit, shares.
#}
{% set participant_columns = [
    helper_column('transaction_id', 'bigint', 'transaction_id', 'null_if_zero'),
    helper_column('transaction_uuid', 'text', 'transaction_id_raw'),
    helper_column('agent_id', 'bigint', 'agent_id', 'null_if_zero'),
    helper_column('agent_uuid', 'text', 'agent_id_raw'),
    helper_column('user_id', 'bigint', 'user_id', 'null_if_zero'),
    helper_column('role', 'text', 'role'),
    helper_column('paid_by_real', 'boolean', 'paidbyReal'),
    helper_column('commission_split', 'numeric(9,6)', 'commission_split', 'percent')
] %}
{% set deal_columns = [
    helper_column('buying_agent_id', 'bigint', 'buying_agent_id', 'null_if_zero'),
    helper_column('listing_agent_id', 'bigint', 'listing_agent_id', 'null_if_zero')
] %}

with documents as (
    {{ extract(source('staging_v1', 'participant'), participant_columns) }}
),

deal_documents as (
    {{ extract(source('staging_v1', 'transaction'), deal_columns) }}
),

{{ known_ids({'transaction': 'transaction', 'agent': 'agent', 'user': 'user'}) }},

{{ agents_by_uuid() }},

{{ deals_by_uuid() }},

resolved as (
    select
        documents.key as id,
        coalesce(transaction_ids.id, deals_by_uuid.transaction_id) as transaction_id,
        coalesce(agent_ids.id, agents_by_uuid.agent_id) as agent_id,
        documents.user_id,
        {{ agent_role('documents.role') }} as role,
        documents.paid_by_real,
        documents.commission_split
    from documents
    left join transaction_ids on transaction_ids.id = documents.transaction_id
    left join deals_by_uuid on deals_by_uuid.uuid = documents.transaction_uuid
    left join agent_ids on agent_ids.id = documents.agent_id
    left join agents_by_uuid on agents_by_uuid.uuid = documents.agent_uuid
),

participants_of_v1 as (
    {{ uuids_of_v1_participants() }}
),

live_only as (
    {{ live_agents_on_deals() }}
),

told as (
    select
        resolved.id,
        resolved.transaction_id,
        resolved.agent_id,
        resolved.user_id,
        resolved.role,
        resolved.paid_by_real,
        resolved.commission_split
    from resolved
    where resolved.agent_id is not null
    union all
    select
        live_only.participant_id,
        live_only.transaction_id,
        live_only.agent_id,
        live_only.user_id,
        {{ agent_role('live_only.role') }},
        live_only.paid_by_real,
        live_only.commission_split
    from live_only
),

stated as (
    select
        told.*,
        {{ agent_side('told.role', 'deals.representation') }} as side
    from told
    inner join {{ ref('transaction') }} as deals on deals.id = told.transaction_id
),

-- Agents whom the deal itself names and no participant does.
named as (
    select
        deals.id as transaction_id,
        own.agent_id,
        own.role,
        own.side,
        own.is_owner
    from {{ ref('transaction') }} as deals
    left join deal_documents on deal_documents.key = deals.id
    cross join
        lateral (
            values
            (deal_documents.buying_agent_id, 'BUYERS_AGENT', 'buy', false),
            (deal_documents.listing_agent_id, 'LISTING_AGENT', 'sell', false),
            (
                case
                    when deals.representation in ('BUYER', 'TENANT', 'DUAL') then deals.transaction_owner_agent_id
                end,
                'BUYERS_AGENT', 'buy', true
            ),
            (
                case
                    when deals.representation in ('SELLER', 'LANDLORD', 'DUAL') then deals.transaction_owner_agent_id
                end,
                'LISTING_AGENT', 'sell', true
            )
        ) as own (agent_id, role, side, is_owner)
    where own.agent_id in (select agent_ids.id from agent_ids)
),

named_deals as (
    select transaction_id from stated
    union
    select transaction_id from named
    where not is_owner
),

-- The owner only stands in where nobody else is named at all.
added as (
    select named.*
    from named
    left join stated
        on
            stated.transaction_id = named.transaction_id
            and stated.agent_id = named.agent_id
            and stated.side = named.side
    left join named_deals on named_deals.transaction_id = named.transaction_id and named.is_owner
    where stated.id is null and named_deals.transaction_id is null
),

agents_on_deals as (
    select
        stated.id,
        stated.transaction_id,
        stated.agent_id,
        stated.id as participant_id,
        stated.user_id,
        stated.role,
        stated.side,
        coalesce(stated.paid_by_real, false) as is_flagged_paid,
        stated.commission_split
    from stated
    union all
    select
        {{ surrogate(['added.transaction_id', 'added.agent_id', 'added.role']) }},
        added.transaction_id,
        added.agent_id,
        null,
        agents.user_id,
        added.role,
        added.side,
        coalesce(agents.real_agent, false),
        null
    from added
    inner join {{ ref('agent') }} as agents on agents.id = added.agent_id
),

-- A payment that names no participant belongs to the first row of its deal and agent.
first_rows as (
    select
        transaction_id,
        agent_id,
        min(id) as id
    from agents_on_deals
    group by transaction_id, agent_id
),

payments as (
    select
        coalesce(paid.participant_id, first_rows.id) as id,
        sum(paid.gross_amount) as gross_amount,
        sum(paid.amount) as amount,
        max(paid.paid_at) as paid_at
    from {{ ref('participant_paid') }} as paid
    left join first_rows
        on first_rows.transaction_id = paid.transaction_id and first_rows.agent_id = paid.agent_id
    group by coalesce(paid.participant_id, first_rows.id)
),

creditable as (
    select
        agents_on_deals.*,
        deals.sale_price,
        agents_on_deals.is_flagged_paid or payments.id is not null as is_paid,
        payments.gross_amount,
        payments.amount,
        payments.paid_at,
        (agents_on_deals.is_flagged_paid or payments.id is not null)
        and agents_on_deals.side is not null
        and not deals.is_demo
        and deals.status not in ('Canceled', 'Terminated', 'Archived') as is_creditable
    from agents_on_deals
    inner join {{ ref('transaction') }} as deals on deals.id = agents_on_deals.transaction_id
    left join payments on payments.id = agents_on_deals.id
),

-- An agent who stands twice on one side is credited once, with what all his rows there were paid.
marked as (
    select
        creditable.*,
        creditable.is_creditable
        and row_number() over (
            partition by creditable.transaction_id, creditable.agent_id, creditable.side, creditable.is_creditable
            order by creditable.id
        ) = 1 as is_credited,
        sum(creditable.gross_amount) over (
            partition by creditable.transaction_id, creditable.agent_id, creditable.side
        ) as gross_paid
    from creditable
),

weighed as (
    select
        marked.id,
        marked.transaction_id,
        marked.side,
        marked.sale_price,
        case
            when bool_and(coalesce(marked.commission_split, 0) > 0) over one_side then marked.commission_split
            else 1
        end as weight,
        row_number() over (one_side order by marked.id) = 1 as is_primary,
        min(marked.side) over (partition by marked.transaction_id)
        <> max(marked.side) over (partition by marked.transaction_id) as has_both_sides
    from marked
    where marked.is_credited
    window one_side as (partition by marked.transaction_id, marked.side)
),

shared as (
    select
        weighed.*,
        sum(weighed.weight) over one_side as total,
        sum(weighed.weight) over (one_side order by weighed.id) as upto,
        sum(weighed.weight) over (one_side order by weighed.id) - weighed.weight as before,
        coalesce(
            case weighed.side
                when 'buy' then financials.sale_commission_amount
                when 'sell' then financials.listing_commission_amount
            end,
            case
                when not weighed.has_both_sides then financials.gci
                when weighed.side = 'buy' then round(financials.gci / 2, 2)
                else financials.gci - round(financials.gci / 2, 2)
            end
        ) as side_commission
    from weighed
    inner join {{ ref('transaction_financials') }} as financials on financials.transaction_id = weighed.transaction_id
    window one_side as (partition by weighed.transaction_id, weighed.side)
)

-- Shares are cut from the running total, so that those of one side add up to the whole, to the cent.
select
    marked.id,
    marked.transaction_id,
    marked.agent_id,
    marked.participant_id,
    {{ known_or_null('marked.user_id', 'user') }} as user_id,
    marked.role,
    marked.side,
    coalesce(shared.is_primary, false) as is_primary,
    marked.is_paid,
    (round(shared.upto / shared.total, 6) - round(shared.before / shared.total, 6))::numeric(9, 6) as side_share,
    (case when marked.is_credited then 1 end)::numeric(9, 6) as units,
    (
        round(shared.sale_price * shared.upto / shared.total, 2)
        - round(shared.sale_price * shared.before / shared.total, 2)
    )::numeric(14, 2) as volume,
    case
        when marked.is_credited then coalesce(
            marked.gross_paid,
            round(shared.side_commission * shared.upto / shared.total, 2)
            - round(shared.side_commission * shared.before / shared.total, 2)
        )
    end::numeric(14, 2) as gross_commission,
    marked.amount::numeric(14, 2) as net_payout,
    marked.commission_split,
    marked.paid_at
from marked
left join shared on shared.id = marked.id
