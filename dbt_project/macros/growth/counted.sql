{#
    What the marts count: rows that are neither deleted nor tests, up to the day the marts are computed for.

    Belongs here: which rows, and the day or month they fall on. Does not belong here: what is summed (the marts).
#}

{# (job_id, …): the jobs that count, with the days of their making and sale. #}
{% macro counted_jobs() %}
    select
        jobs.*,
        {{ business_day('jobs.date_created') }} as created_day,
        {{ day_so_far('jobs.date_sold') }} as sold_day
    from {{ ref('jobs') }} as jobs
    where not jobs.is_deleted and not jobs.is_test and {{ business_day('jobs.date_created') }} <= {{ as_of() }}
{% endmacro %}


{#
    (payment_id, job_id, sales_rep_id, day, amount): the shares of the payments that count: archived ones do not. The
    money of a deleted job was paid all the same.
#}
{% macro counted_shares() %}
    select
        shares.payment_id,
        shares.job_id,
        payments.contact_id,
        coalesce(payments.sales_rep_id, jobs.sales_rep_id) as sales_rep_id,
        jobs.record_type_name,
        {{ business_day('payments.date_payment') }} as day,
        shares.amount
    from {{ ref('payment_jobs') }} as shares
    inner join {{ ref('payments') }} as payments on payments.jnid = shares.payment_id
    left join {{ ref('jobs') }} as jobs on jobs.jnid = shares.job_id
    where {{ payment_counts() }}
{% endmacro %}

{% macro payment_counts() -%}
    not payments.is_deleted and not payments.is_archived and not payments.is_test
    and {{ business_day('payments.date_payment') }} <= {{ as_of() }}
{%- endmacro %}


{# The expenses that count. #}
{% macro expense_counts() -%}
    not expenses.is_deleted and not expenses.is_archived and not expenses.is_superseded and not expenses.is_test
    and {{ business_day('expenses.date_created') }} <= {{ as_of() }}
{%- endmacro %}


{# The business day of a moment, if that is not after the day the marts are computed for. #}
{% macro day_so_far(moment) -%}
    case when {{ business_day(moment) }} <= {{ as_of() }} then {{ business_day(moment) }} end
{%- endmacro %}


{# A sum that is 0 of nothing, and null where every row lacks the value. #}
{% macro sum_or_zero(amount, where='true') -%}
    case when count(*) filter (where {{ where }}) > 0 then sum({{ amount }}) filter (where {{ where }}) else 0 end
{%- endmacro %}


{# The contacts that are leads: people who may become customers, so no subcontractors. #}
{% macro contact_is_lead() -%}
    not is_deleted and not is_test and not is_sub_contractor and {{ business_day('date_created') }} <= {{ as_of() }}
{%- endmacro %}


{# A part of a whole; null of nothing, and where the type's three digits before the point do not hold it. #}
{% macro rate(part, whole) -%}
    {%- set quotient = '((' ~ part ~ ') / nullif((' ~ whole ~ ')::numeric, 0))' -%}
    case when abs(round({{ quotient }}, 6)) < 1000 then round({{ quotient }}, 6) end::numeric(9, 6)
{%- endmacro %}
