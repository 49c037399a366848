{# Every table V1 has, and every one the map names, with what became of it. #}
with landed as (
    select
        key::text as v1_table,
        payload ->> 'relation' as relation,
        substring(payload ->> 'relation' from '[0-9]+$')::bigint as xano_id,
        (payload ->> 'rows')::bigint as v1_rows
    from {{ staging('landing_state') }}
)

select
    coalesce(landed.v1_table, mapped.v1_table) as v1_table,
    landed.relation,
    coalesce(landed.xano_id, mapped.xano_id) as xano_id,
    coalesce(mapped.mapping, 'unmapped') as mapping,
    case
        when mapped.mapping in ('1:1', '1:N') then 'mapped'
        when mapped.mapping = 'N:1' then 'merged'
        else coalesce(mapped.mapping, 'unmapped')
    end as coverage,
    mapped.v2_tables,
    landed.v1_rows,
    case
        when landed.v1_table is null then 'V1 has no such table'
        when mapped.v1_table is null then 'not in seeds/v1_table_map.csv'
        else mapped.note
    end as note
from landed
full join {{ ref('v1_table_map') }} as mapped on mapped.xano_id = landed.xano_id
