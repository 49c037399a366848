with latest as (
    select distinct on (unified_property_id)
        unified_property_id,
        snapshot_date
    from {{ ref('property_snapshots') }}
    order by unified_property_id, snapshot_date desc
),

yardi as (
    select distinct on (property_code)
        property_code,
        marketing_name,
        concat_ws(', ', address_line1, address_line2) as address,
        city,
        state,
        zip
    from {{ ref('yardi_properties') }}
    order by property_code, extracted_at desc
),

-- The gateway's sites are no raw table.
sites as (
    select distinct on (account)
        account,
        payload ->> 'SiteName' as name,
        concat_ws(', ', payload ->> 'Adr1', payload ->> 'Adr2', payload ->> 'Adr3') as address,
        payload ->> 'City' as city,
        payload ->> 'State' as state,
        payload ->> 'Zip' as zip
    from {{ source('staging_realpage_rpx', 'sites') }}
    where deleted_at is null
    order by account, key desc
)

select
    known.unified_property_id,
    known.primary_pms as pms_source,
    case known.primary_pms
        when 'realpage' then known.realpage_site_id::text else known.yardi_property_code
    end as pms_property_id,
    case known.primary_pms when 'realpage' then known.realpage_pmc_id::text end as pms_pmc_id,
    coalesce(sites.name, yardi.marketing_name, known.name) as name,
    nullif(coalesce(sites.address, yardi.address), '') as address,
    coalesce(sites.city, yardi.city) as city,
    coalesce(sites.state, yardi.state) as state,
    coalesce(sites.zip, yardi.zip) as zip,
    counts.total_units,
    latest.snapshot_date as property_date,
    known.is_active,
    now() as synced_at
from {{ ref('properties') }} as known
left join latest on latest.unified_property_id = known.unified_property_id
left join {{ ref('unified_occupancy_metrics') }} as counts
    on counts.unified_property_id = latest.unified_property_id and counts.snapshot_date = latest.snapshot_date
left join yardi on yardi.property_code = known.yardi_property_code and known.primary_pms = 'yardi'
left join sites on sites.account = known.realpage_site_id and known.primary_pms = 'realpage'
