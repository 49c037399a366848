{# Every V1 table that a V2 model reads. #}
{% set tables = [
    source('staging_v1', 'user'), source('staging_v1', 'user_2fa'), source('staging_v1', 'agent'),
    source('staging_v1', 'transaction'), source('staging_v1', 'participant'), source('staging_v1',
    'participant_paid'), source('staging_v1', 'listing'), source('staging_v1', 'team'), source('staging_v1',
    'team_roster'), source('staging_v1', 'directors'), source('staging_v1', 'leaders'), source('staging_v1',
    'mentors'), source('staging_v1', 'team_director_assignments'), source('staging_v1',
    'team_leader_assignments'), source('staging_v1', 'team_mentor_assignments'), source('staging_v1',
    'network'), source('staging_v1', 'sponsor_tree'), source('staging_v1', 'contributions'),
    source('staging_v1', 'contributions_pending'), source('staging_v1', 'revshare_totals'), source('staging_v1',
    'revshare_payments'), source('staging_v1', 'equity_transactions'), source('staging_v1', 'fub_accounts'),
    source('staging_v1', 'fub_users'), source('staging_v1', 'fub_people'), source('staging_v1', 'fub_deals'),
    source('staging_v1', 'fub_calls'), source('staging_v1', 'fub_events'), source('staging_v1',
    'fub_appointments'), source('staging_v1', 'fub_text_messages'), source('staging_v1', 'fub_stages'),
    source('staging_v1', 'fub_groups'), source('staging_v1', 'fub_sync_jobs'), source('staging_v1',
    'rezen_sync_jobs'), source('staging_v1', 'rezen_onboarding_jobs'), source('staging_v1',
    'rezen_process_webhook'), source('staging_v1', 'rezen_referral_code'), source('staging_v1',
    'rezen_webhooks_registered'), source('staging_v1', 'skyslope_connection'), source('staging_v1',
    'stripe_pricing'), source('staging_v1', 'stripe_product'), source('staging_v1', 'stripe_subscriptions'),
    source('staging_v1', 'stripe_subscription_packages'), source('staging_v1', 'brokerage'),
    source('staging_v1', 'office'), source('staging_v1', 'state_province'), source('staging_v1', 'calendar'),
    source('staging_v1', 'permissions'), source('staging_v1', 'modules'), source('staging_v1', 'tags'),
    source('staging_v1', 'lead_source_defaults'), source('staging_v1', 'lead_source_user'), source('staging_v1',
    'notification_defaults'), source('staging_v1', 'notification_user_prefs'), source('staging_v1',
    'pipeline_stage_defaults'), source('staging_v1', 'pipeline_prospect_defaults'), source('staging_v1',
    'lambda_job_status'), source('staging_v1', 'lambda_worker_logs')
] %}
{% do ref('recon_exceptions') %}

{% if execute %}
    {% set listed = tables | map(attribute='identifier') | list %}
    {% for name in v1_tables_read() if name not in listed %}
        {{ exceptions.raise_compiler_error("V1's " ~ name ~ " is read and not watched for drift: name it in recon_live_unmapped_fields.") }}
    {% endfor %}
{% endif %}

{% for table in tables %}
    {{ 'union all' if not loop.first }}
    {{ unmapped_fields(table.identifier) if execute else 'select 1' }}
{% endfor %}
