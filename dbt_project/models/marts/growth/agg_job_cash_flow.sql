with paid as (
    select
        job_id,
        sum(amount) as amount
    from ({{ counted_shares() }}) as shares
    group by job_id
),

spent as (
    select
        expenses.job_id,
        {{ sum_or_zero('expenses.amount', "expenses.category = 'materials'") }} as materials,
        {{ sum_or_zero('expenses.amount', "expenses.category = 'labor'") }} as labor,
        {{ sum_or_zero('expenses.amount', "expenses.category = 'subcontractor'") }} as subcontractor,
        {{ sum_or_zero('expenses.amount', "expenses.category = 'other'") }} as other
    from {{ ref('expenses') }} as expenses
    where {{ expense_counts() }}
    group by expenses.job_id
),

flows as (
    select
        jobs.jnid as job_id,
        jobs.approved_estimate_total as contract_value,
        case when paid.job_id is null then 0 else paid.amount end as paid,
        case when spent.job_id is null then 0 else spent.materials end as materials,
        case when spent.job_id is null then 0 else spent.labor end as labor,
        case when spent.job_id is null then 0 else spent.subcontractor end as subcontractor,
        case when spent.job_id is null then 0 else spent.other end as other_expense
    from ({{ counted_jobs() }}) as jobs
    left join paid on paid.job_id = jobs.jnid
    left join spent on spent.job_id = jobs.jnid
)

select
    job_id,
    contract_value,
    paid::numeric(14, 2) as paid,
    (contract_value - paid)::numeric(14, 2) as balance,
    materials::numeric(14, 2) as materials,
    labor::numeric(14, 2) as labor,
    subcontractor::numeric(14, 2) as subcontractor,
    other_expense::numeric(14, 2) as other_expense,
    (paid - materials - labor - subcontractor - other_expense)::numeric(14, 2) as gross_profit,
    {{ rate('paid - materials - labor - subcontractor - other_expense', 'paid') }} as gross_margin
from flows
