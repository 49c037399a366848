-- Several jobs share a payment by what its invoices say is theirs, or equally if one has no invoice in it. Each share
-- is the difference of two rounded running amounts, so that they add up.
with payments as (
    select
        jnid,
        job_ids,
        net_amount,
        raw
    from {{ ref('payments') }}
),

named as (
    select
        payments.jnid as payment_id,
        jobs.job_id_raw,
        min(jobs.place) as place
    from payments
    left join lateral jsonb_array_elements_text(payments.job_ids) with ordinality as jobs (job_id_raw, place) on true
    group by payments.jnid, jobs.job_id_raw
),

invoiced as (
    select
        lines.payment_id,
        invoices.job_id_raw,
        sum(lines.amount) as amount
    from ({{ payment_lines('payments', 'jnid', 'raw') }}) as lines
    inner join ({{ invoices_of_jobs() }}) as invoices on invoices.invoice_id = lines.invoice_id
    group by lines.payment_id, invoices.job_id_raw
),

weights as (
    select
        named.payment_id,
        named.job_id_raw,
        named.place,
        case
            when bool_and(coalesce(invoiced.amount, 0) > 0) over (partition by named.payment_id) then invoiced.amount
            else 1
        end as weight
    from named
    left join invoiced on invoiced.payment_id = named.payment_id and invoiced.job_id_raw = named.job_id_raw
),

weighed as (
    select
        *,
        row_number() over in_order as position,
        sum(weight) over in_order as reached,
        sum(weight) over (partition by payment_id) as whole
    from weights
    window in_order as (partition by payment_id order by place, job_id_raw)
)

select
    weighed.payment_id || '/' || weighed.position as id,
    weighed.payment_id,
    weighed.position,
    jobs.jnid as job_id,
    weighed.job_id_raw,
    (
        round(payments.net_amount * weighed.reached / weighed.whole, 2)
        - round(payments.net_amount * (weighed.reached - weighed.weight) / weighed.whole, 2)
    )::numeric(14, 2) as amount
from weighed
inner join payments on payments.jnid = weighed.payment_id
left join {{ ref('jobs') }} as jobs on jobs.jnid = weighed.job_id_raw
