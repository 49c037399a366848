{#
    Totals of the marts of JobNimbus beside those of the entities: {measure: (source, mart)}, for mart_totals. None for a
    mart of somebody else's.
#}
{% macro growth_measures(mart) %}
    {% set collected %}
        select coalesce(sum(net_amount), 0) from {{ ref('payments') }} as payments where {{ payment_counts() }}
    {%- endset %}
    {% set jobs %}
        select count(*) from {{ ref('jobs') }} as jobs
        where not is_deleted and not is_test and {{ business_day('date_created') }} <= {{ as_of() }}
    {%- endset %}
    {% set sold = jobs ~ ' and ' ~ business_day('date_sold') ~ ' <= ' ~ as_of() %}
    {% set leads %}
        select count(*) from {{ ref('contacts') }} where {{ contact_is_lead() }}
    {%- endset %}
    {% if mart == 'agg_revenue_monthly' %}
        {{ return({'revenue': (collected, mart_total(mart, 'revenue'))}) }}
    {% elif mart == 'agg_pipeline_by_stage' %}
        {% set standing = jobs ~ ' and not is_archived' %}
        {{ return({
            'jobs': (standing, mart_total(mart, 'job_count')),
            'pipeline_value': (
                standing | replace('count(*)', 'coalesce(sum(coalesce(approved_estimate_total, last_estimate)), 0)'),
                mart_total(mart, 'pipeline_value')
            ),
            'won': (standing ~ ' and is_won', mart_total(mart, 'won_count')),
            'lost': (standing ~ ' and is_lost', mart_total(mart, 'lost_count'))
        }) }}
    {% elif mart == 'agg_stage_velocity' %}
        {{ return({'transitions': (stage_changes(jobs), mart_total(mart, 'transitions'))}) }}
    {% elif mart == 'agg_rep_performance' %}
        {{ return({
            'leads': (leads, mart_total(mart, 'leads')),
            'jobs_created': (jobs, mart_total(mart, 'jobs_created')),
            'jobs_won': (sold, mart_total(mart, 'jobs_won')),
            'sold_value': (
                sold | replace('count(*)', 'coalesce(sum(approved_estimate_total), 0)'), mart_total(mart, 'sold_value')
            ),
            'revenue_collected': (collected, mart_total(mart, 'revenue_collected'))
        }) }}
    {% elif mart == 'agg_lead_source_performance' %}
        {{ return({
            'leads': (leads, mart_total(mart, 'leads')),
            'revenue_collected': (collected, mart_total(mart, 'revenue_collected'))
        }) }}
    {% elif mart == 'agg_job_cash_flow' %}
        {% set of_jobs %}
            job_id in ({{ jobs | replace('count(*)', 'jnid') }})
        {%- endset %}
        {% set measures = {
            'jobs': (jobs, mart_total(mart, '1')),
            'contract_value': (
                jobs | replace('count(*)', 'coalesce(sum(approved_estimate_total), 0)'), mart_total(mart, 'contract_value')
            )
        } %}
        {% for column, category in {
            'materials': 'materials', 'labor': 'labor', 'subcontractor': 'subcontractor', 'other_expense': 'other'
        }.items() %}
            {% set spent %}
                select coalesce(sum(amount), 0) from {{ ref('expenses') }} as expenses
                where category = '{{ category }}' and {{ expense_counts() }} and {{ of_jobs }}
            {%- endset %}
            {% do measures.update({column: (spent, mart_total(mart, column))}) %}
        {% endfor %}
        {% set paid %}
            select coalesce(sum(shares.amount), 0)
            from {{ ref('payment_jobs') }} as shares
            inner join {{ ref('payments') }} as payments on payments.jnid = shares.payment_id
            where {{ payment_counts() }} and shares.{{ of_jobs | trim }}
        {%- endset %}
        {% do measures.update({'paid': (paid, mart_total(mart, 'paid'))}) %}
        {{ return(measures) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}


{# How often a status of the jobs that count was followed by one of another stage. #}
{% macro stage_changes(jobs) %}
    select count(*)
    from {{ ref('job_status_history') }} as history
    where {{ business_day('history.changed_at') }} <= {{ as_of() }}
        and history.job_id in ({{ jobs | replace('count(*)', 'jnid') }})
        and history.stage is distinct from (
            select earlier.stage
            from {{ ref('job_status_history') }} as earlier
            where earlier.job_id = history.job_id and (earlier.changed_at, earlier.id) < (history.changed_at, history.id)
            order by earlier.changed_at desc, earlier.id desc
            limit 1
        )
        and exists (
            select from {{ ref('job_status_history') }} as earlier
            where earlier.job_id = history.job_id and (earlier.changed_at, earlier.id) < (history.changed_at, history.id)
        )
{% endmacro %}
