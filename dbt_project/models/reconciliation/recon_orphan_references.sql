{% set differences = ref('recon_differences') %}
with target_tables (table_name, column_name, references_table) as (
    values
    {% if execute %}
        {% for node in entity_nodes() %}
            {% set node_loop = loop %}
            {% for column in declared_columns(node) if column.references %}
    ('{{ node.name }}', '{{ column.name }}', '{{ column.references }}'),
            {% endfor %}
        {% endfor %}
    {% endif %}
    (null, null, null)
)

select
    differences.table_name,
    differences.key,
    differences.column_name,
    differences.v1_value as dangling_value,
    target_tables.references_table,
    differences.accepted,
    differences.reason
from {{ differences }} as differences
left join target_tables
    on
        target_tables.table_name = differences.table_name
        and target_tables.column_name = differences.column_name
where differences.check_name = 'orphan_references'
