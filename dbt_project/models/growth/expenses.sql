-- JobNimbus has no expenses. Material orders are materials, work orders labor (a subcontractor's when one is named); of
-- a job's budget only what orders do not tell.
with orders as (
    select
        key as jnid,
        'materialorder' as source_object,
        'materials' as category,
        payload -> 'total_line_item_cost' as cost,
        payload ->> 'status_name' as status_name,
        coalesce(payload ->> 'internal_note', payload ->> 'number') as description,
        payload,
        deleted_at
    from ({{ jobnimbus_objects('materialorder') }}) as material_orders
    union all
    select
        key,
        'workorder',
        case
            when jsonb_path_exists(payload, 'strict $.subcontractors[*]', silent => true) then 'subcontractor'
            else 'labor'
        end,
        payload -> 'total',
        payload ->> 'status_name',
        coalesce(payload ->> 'name', payload ->> 'number'),
        payload,
        deleted_at
    from ({{ jobnimbus_objects('workorder') }}) as work_orders
),

order_rows as (
    select
        jnid,
        source_object,
        jnid as source_jnid,
        category,
        status_name,
        description,
        {{ dollars('cost') }} as amount,
        {{ first_related('payload', 'job') }} as job_id_raw,
        payload,
        coalesce(deleted_at is not null or payload -> 'is_active' = 'false', false) as is_deleted
    from orders
),

budgets as (
    select
        key as jnid,
        {{ first_related('payload', 'job') }} as job_id_raw,
        coalesce({{ dollars("payload -> 'actual_cost'") }}, {{ dollars("payload -> 'cost'") }}) as cost,
        payload,
        coalesce(deleted_at is not null or payload -> 'is_active' = 'false', false) as is_deleted
    from ({{ jobnimbus_objects('budget') }}) as told
),

budget_lines as (
    select
        budgets.*,
        items.value as item,
        items.ordinality as place,
        sections.ordinality as section
    from budgets
    cross join {{ array_elements("budgets.payload -> 'sections'") }} with ordinality as sections
    cross join {{ array_elements("sections.value -> 'items'") }} with ordinality as items
),

-- Its lines of materials and labor are what was thought the orders would cost.
budget_rows as (
    select
        budget_lines.jnid || ':'
        || coalesce(item ->> 'jnid', budget_lines.section || '.' || budget_lines.place) as jnid,
        'budget' as source_object,
        budget_lines.jnid as source_jnid,
        'other' as category,
        null as status_name,
        coalesce(item ->> 'category', item ->> 'name') as description,
        {{ dollars("item -> 'cost'") }} * coalesce({{ dollars("item -> 'quantity'") }}, 1) as amount,
        budget_lines.job_id_raw,
        budget_lines.payload,
        budget_lines.is_deleted
    from budget_lines
    where coalesce(item ->> 'item_type', '') not in ('material', 'labor')
    union all
    -- A budget without lines: what it costs more than the orders.
    select
        budgets.jnid,
        'budget',
        budgets.jnid,
        'other',
        null,
        budgets.payload ->> 'number',
        budgets.cost - coalesce(ordered.amount, 0),
        budgets.job_id_raw,
        budgets.payload,
        budgets.is_deleted
    from budgets
    left join (
        select
            job_id_raw,
            sum(amount) as amount
        from order_rows
        where not is_deleted and payload -> 'is_archived' is distinct from 'true'
        group by job_id_raw
    ) as ordered on ordered.job_id_raw = budgets.job_id_raw
    where
        budgets.cost > coalesce(ordered.amount, 0)
        and not exists (select from budget_lines where budget_lines.jnid = budgets.jnid)
),

-- Of several budgets of a job only the newest that stands: each is the whole job's.
standing_budgets as (
    select distinct on (job_id_raw) jnid
    from budgets
    where not is_deleted and job_id_raw is not null
    order by job_id_raw, {{ epoch_number("payload -> 'date_created'") }} desc nulls last, jnid desc
)

select
    expenses.jnid,
    expenses.source_object,
    expenses.source_jnid,
    jobs.jnid as job_id,
    expenses.job_id_raw,
    expenses.category,
    expenses.description,
    expenses.status_name,
    nullif(expenses.amount, 0)::numeric(14, 2) as amount,
    {{ epoch_moment("expenses.payload -> 'date_created'") }} as date_created,
    {{ epoch_moment("expenses.payload -> 'date_updated'") }} as date_updated,
    coalesce(expenses.payload -> 'is_archived' = 'true', false) as is_archived,
    expenses.is_deleted,
    (
        expenses.source_object = 'budget' and expenses.job_id_raw is not null and not expenses.is_deleted
        and not exists (select from standing_budgets where standing_budgets.jnid = expenses.source_jnid)
    ) as is_superseded,
    coalesce(jobs.is_test, false) as is_test,
    expenses.payload as raw
from (
    select * from order_rows
    union all
    select * from budget_rows
) as expenses
left join {{ ref('jobs') }} as jobs on jobs.jnid = expenses.job_id_raw
