{# Every V2 model with a V1 side: dbt must know them before it reads their declarations. #}
{% set entities = [
    ref('user'), ref('user_credentials'), ref('user_subscriptions'), ref('user_settings'), ref('user_roles'),
    ref('user_preferences'), ref('user_onboarding'), ref('user_2fa'),
    ref('agent'), ref('agent_cap_data'), ref('agent_commission'), ref('agent_performance'), ref('agent_rezen'),
    ref('agent_hierarchy'),
    ref('transaction'), ref('transaction_participants'), ref('transaction_financials'),
    ref('transaction_history'), ref('transaction_tags'), ref('participant'), ref('participant_paid'),
    ref('listing'), ref('listing_history'), ref('listing_photos'),
    ref('team'), ref('team_settings'), ref('team_members'), ref('director'), ref('leader'), ref('mentor'),
    ref('team_director_assignments'), ref('team_leader_assignments'), ref('team_mentor_assignments'),
    ref('network_member'), ref('network_hierarchy'), ref('network_user_prefs'),
    ref('contribution'), ref('contributions_pending'), ref('revshare_totals'), ref('revshare_payment'),
    ref('equity_annual'), ref('equity_monthly'),
    ref('fub_accounts'), ref('fub_users'), ref('fub_people'), ref('fub_deals'), ref('fub_calls'),
    ref('fub_events'), ref('fub_appointments'), ref('fub_text_messages'), ref('fub_stages'), ref('fub_groups'),
    ref('fub_sync_jobs'),
    ref('rezen_sync_jobs'), ref('rezen_onboarding_jobs'), ref('rezen_process_webhook'),
    ref('rezen_referral_code'), ref('rezen_webhooks_registered'),
    ref('skyslope_connection'),
    ref('stripe_pricing'), ref('stripe_product'), ref('stripe_subscriptions'),
    ref('stripe_subscription_packages'),
    ref('brokerage'), ref('office'), ref('state_province'), ref('calendar'), ref('permissions'), ref('modules'),
    ref('tags'), ref('lead_source_defaults'), ref('lead_source_user'), ref('notification_defaults'),
    ref('notification_user_prefs'), ref('pipeline_stage_defaults'), ref('pipeline_prospect_defaults'),
    ref('lambda_job_status'), ref('lambda_worker_logs')
] %}
{% do ref('recon_exceptions') %}

{% if execute %}
    {% set listed = entities | map(attribute='identifier') | list %}
    {% for node in entity_nodes() %}
        {% if node.name not in listed %}
            {{ exceptions.raise_compiler_error("v2." ~ node.name ~ " is not reconciled: name it in recon_live_differences.") }}
        {% endif %}
        {{ 'union all' if not loop.first }}
        {{ differences(node) }}
    {% endfor %}
{% else %}
    select 1
{% endif %}
