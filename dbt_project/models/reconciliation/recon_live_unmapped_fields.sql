{# Every V1 table that a V2 model reads. #}
{% set tables = [
    source('staging_v1', 'user'), source('staging_v1', 'user_2fa'), source('staging_v1', 'agent'),
    source('staging_v1', 'sponsor_tree'), source('staging_v1', 'team'), source('staging_v1', 'team_roster'),
    source('staging_v1', 'directors'), source('staging_v1', 'leaders'), source('staging_v1', 'mentors'),
    source('staging_v1', 'team_director_assignments'), source('staging_v1', 'team_leader_assignments'),
    source('staging_v1', 'team_mentor_assignments'), source('staging_v1', 'network')
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
