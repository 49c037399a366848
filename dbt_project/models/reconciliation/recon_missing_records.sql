{# The payload comes from the V1 row the missing V2 row would have been made of. #}
{% set differences = ref('recon_differences') %}
{% if execute %}
    {% for node in entity_nodes() %}
    {{ 'union all' if not loop.first }}
    select
        differences.table_name,
        differences.key,
        landed.payload - array[{{ secret_keys(node.config.meta.v1.table) }}]::text[] as v1_payload,
        differences.accepted,
        differences.reason
    from {{ differences }} as differences
    left join {{ staging(node.config.meta.v1.table) }} as landed on landed.key = differences.v1_key
    where differences.check_name = 'missing_records' and differences.table_name = '{{ node.name }}'
    {% endfor %}
{% else %}
    select 1
{% endif %}
