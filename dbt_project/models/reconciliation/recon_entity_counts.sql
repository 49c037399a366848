{% set differences = ref('recon_differences') %}
with counted (entity, v1_count, v2_count, updated_live, live_only) as (
    {% if execute %}
        {% for node in entity_nodes() %}
    {{ 'union all' if not loop.first }}
    select
        '{{ node.name }}'::text,
        (select count(*) from ({{ v1_rows(node) }}) as v1_rows where not v1_rows.is_deleted),
        held.*
    from (
        select
            count(*),
            {%- if is_overlaid(node) %}
            count(*) filter (where _source <> 'v1' and not {{ is_live_id('id') }}),
            count(*) filter (where _source <> 'v1' and {{ is_live_id('id') }})
            {%- else %}
            0,
            0
            {%- endif %}
        from {{ adapter.quote(node.schema) }}.{{ adapter.quote(node.alias) }}
    ) as held
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
    counted.updated_live,
    counted.live_only,
    case
        when coalesce(found.missing, 0) > 0 then 'incomplete'
        when counted.v2_count > counted.v1_count then 'V2 superset'
        else 'complete'
    end as status
from counted
left join found on found.entity = counted.entity
