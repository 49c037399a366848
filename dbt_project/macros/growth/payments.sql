{#
    What a payment says about the jobs it is for.

    Belongs here: reading it. Does not belong here: which of it counts (growth.payments), how an amount is cut
    (growth.payment_jobs).
#}

{# The ids of the jobs that a payment names itself, as a JSON array; null when it names none. #}
{% macro jobs_named_in(payload) -%}
    coalesce(
        nullif(jsonb_path_query_array({{ payload }}, '$.related[*] ? (@.type == "job" && @.id != null).id'), '[]'),
        case when {{ payload }} #>> '{primary,type}' = 'job' then jsonb_build_array({{ payload }} #> '{primary,id}') end
    )
{%- endmacro %}


{# (payment_id, position, invoice_id, amount): the invoices payments pay, by `id` and `payload` of the rows of `payments`. #}
{% macro payment_lines(payments, id, payload) %}
    select
        {{ payments }}.{{ id }} as payment_id,
        lines.ordinality as position,
        lines.value ->> 'invoice_id' as invoice_id,
        case when jsonb_typeof(lines.value -> 'amount') = 'number' then (lines.value -> 'amount')::numeric end as amount
    from {{ payments }}
    cross join {{ array_elements(payments ~ '.' ~ payload ~ " -> 'invoices'") }} with ordinality as lines
    where lines.value -> 'is_active' is distinct from 'false'
{% endmacro %}


{# (invoice_id, job_id_raw): the job of every invoice that has one. #}
{% macro invoices_of_jobs() %}
    select
        key as invoice_id,
        {{ first_related('payload', 'job') }} as job_id_raw
    from ({{ jobnimbus_objects('invoice') }}) as invoices
    where {{ first_related('payload', 'job') }} is not null
{% endmacro %}
