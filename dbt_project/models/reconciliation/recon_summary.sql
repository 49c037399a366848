{# One row a check and table, those that passed included. #}
{% set differences = ref('recon_differences') %}
{% set fields = ref('recon_unmapped_fields') %}
{% set checks = [
    'missing_records', 'extra_records', 'field_mismatches', 'orphan_references', 'rejected_values', 'duplicate_keys',
    'contract_violations'
] %}
with every_check (check_name, table_name) as (
    {% if execute %}
    select checks.check_name, entities.table_name
    from unnest(array['{{ checks | join("', '") }}']) as checks (check_name)
    cross join unnest(array[
        {%- for node in entity_nodes() %}'{{ node.name }}'{{ ', ' if not loop.last }}{% endfor -%}
    ]) as entities (table_name)
    union all
    select checks.check_name, v1_tables.table_name
    from unnest(array['unmapped_fields', 'dead_paths']) as checks (check_name)
    cross join unnest(array[
        {%- for name in v1_tables_read() %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor -%}
    ]) as v1_tables (table_name)
    {% else %}
        select 1
    {% endif %}
),

found as (
    select check_name, table_name, accepted from {{ differences }}
    union all
    select check_name, v1_table, accepted from {{ fields }}
)

select
    every_check.check_name,
    every_check.table_name,
    count(found.table_name) filter (where not found.accepted) = 0 as passed,
    count(found.table_name) filter (where not found.accepted) as failing_rows,
    case every_check.check_name when 'dead_paths' then 'warn' else 'error' end as severity,
    count(found.table_name) filter (where found.accepted) as accepted
from every_check
left join found
    on
        found.check_name = every_check.check_name
        and found.table_name = every_check.table_name
group by every_check.check_name, every_check.table_name
-- RealPage's sources against each other; what they say is nobody's to accept.
union all
{{ property_check_results() }}
