{% set differences = ref('recon_differences') %}
with counted (entity, v1_count, v2_count) as (
    {% if execute %}
        {% for node in entity_nodes() %}
    {{ 'union all' if not loop.first }}
    select
        '{{ node.name }}'::text,
        (select count(*) from ({{ v1_rows(node) }}) as v1_rows where not v1_rows.is_deleted),
        (select count(*) from {{ adapter.quote(node.schema) }}.{{ adapter.quote(node.alias) }})
        {% endfor %}
    {% else %}
        select 1
    {% endif %}
),

found as (
    select
        table_name as entity,
        count(*) filter (where check_name = 'missing_records') as missing,
        count(*) filter (where check_name = 'extra_records') as extra
    from {{ differences }}
    group by table_name
)

select
    counted.entity,
    counted.v1_count,
    counted.v2_count,
    coalesce(found.missing, 0) as missing,
    coalesce(found.extra, 0) as extra,
    case
        when coalesce(found.missing, 0) > 0 then 'incomplete'
        when counted.v2_count > counted.v1_count then 'V2 superset'
        else 'complete'
    end as status
from counted
left join found on found.entity = counted.entity
