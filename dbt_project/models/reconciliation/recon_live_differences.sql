{# Every V2 model with a V1 side: dbt must know them before it reads their declarations. #}
{% set entities = [
    ref('user'), ref('user_credentials'), ref('user_subscriptions'), ref('user_settings'), ref('user_roles'),
    ref('user_preferences'), ref('user_onboarding'), ref('user_2fa'),
    ref('agent'), ref('agent_cap_data'), ref('agent_commission'), ref('agent_performance'), ref('agent_rezen'),
    ref('agent_hierarchy'),
    ref('team'), ref('team_settings'), ref('team_members'), ref('director'), ref('leader'), ref('mentor'),
    ref('team_director_assignments'), ref('team_leader_assignments'), ref('team_mentor_assignments'),
    ref('network_member'), ref('network_hierarchy'), ref('network_user_prefs')
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
