{# Of jobs with one key the older. #}
{% set jobs %}
    select
        job_id,
        min(id) as id
    from {{ ref('lambda_job_status') }}
    group by job_id
{% endset %}

{{ v2_entity(
    'lambda_worker_logs',
    parents={'user': 'user', 'fub_accounts': 'fub_accounts'},
    lookups={'jobs': jobs},
    joins='left join jobs on jobs.job_id = doc.job_id',
    computed={'lambda_job_status_id': 'jobs.id'}
) }}
