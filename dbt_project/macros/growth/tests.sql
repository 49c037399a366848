{# References to records that were never received: `<column>_raw` names one, `column` is null. Old ones may well be gone. #}
{% test dangling(model, columns) %}
    {% for column in columns %}
        {{ 'union all' if not loop.first }}
        select
            '{{ column }}' as column_name,
            {{ column }}_raw as value,
            count(*) as referring_rows
        from {{ model }}
        where {{ column }} is null and {{ column }}_raw is not null
        group by {{ column }}_raw
    {% endfor %}
{% endtest %}


{# Statuses that workflow_status_lookup does not know: somebody should say what they mean (seeds/jobnimbus_stages.csv). #}
{% test unmapped_statuses(model) %}
    select
        record_type_name,
        status_name,
        count(*) as unmapped_rows
    from {{ model }}
    where stage = 'Unmapped'
    group by record_type_name, status_name
{% endtest %}


{# The shares of every payment add up to it, and every payment has one. #}
{% test shares_add_up(model) %}
    select
        payments.jnid,
        'amount' as column_name
    from {{ ref('payments') }} as payments
    left join {{ model }} as shares on shares.payment_id = payments.jnid
    group by payments.jnid, payments.net_amount
    having count(shares.id) = 0 or sum(shares.amount) is distinct from payments.net_amount
{% endtest %}
