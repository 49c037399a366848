-- A member of a household with a signed renewal is listed twice: he is one resident, under the lease in force.
with rpx as (
    select distinct on (residents.site_id, residents.snapshot_date, residents.resident_member_id)
        known.unified_property_id,
        residents.*,
        words.meaning
    from {{ ref('realpage_residents') }} as residents
    inner join ({{ properties_of('realpage') }}) as known on known.code = residents.site_id
    left join ({{ property_words('realpage_rpx', 'resident') }}) as words
        on words.word = {{ property_word('residents.lease_status') }}
    order by
        residents.site_id, residents.snapshot_date, residents.resident_member_id,
        residents.lease_status = 'Future Lease', residents.lease_id desc nulls last
),

rents as (
    select
        site_id,
        snapshot_date,
        lease_id,
        rent_amount
    from {{ ref('realpage_leases') }}
    where status_text in ('Current', 'Current - Future')
),

charges as (
    {{ yardi_rents() }}
)

select
    rpx.unified_property_id,
    rpx.snapshot_date,
    'realpage' as pms_source,
    rpx.resident_member_id as pms_resident_id,
    rpx.resident_key,
    rpx.unit_id as pms_unit_id,
    rpx.unit_number,
    case
        when rpx.meaning <> 'current' then rpx.meaning
        when rpx.in_eviction then 'eviction'
        when rpx.notice_for_date is not null or rpx.lease_type like 'Notice given%' then 'notice'
        else rpx.meaning
    end as status,
    rpx.is_head_of_household,
    rpx.begin_date as lease_start,
    rpx.end_date as lease_end,
    rpx.move_in_date,
    rpx.move_out_date,
    rpx.notice_given_date as notice_date,
    rpx.notice_for_date,
    case when rpx.is_head_of_household then rents.rent_amount end as current_rent,
    case when rpx.is_head_of_household then rpx.balance end as balance,
    rpx.extracted_at as synced_at
from rpx
left join rents
    on rents.site_id = rpx.site_id and rents.snapshot_date = rpx.snapshot_date and rents.lease_id = rpx.lease_id
union all
select
    known.unified_property_id,
    residents.snapshot_date,
    'yardi',
    residents.tenant_code,
    residents.resident_key,
    residents.unit_code,
    residents.unit_code,
    words.meaning,
    true,
    residents.lease_from_date,
    residents.lease_to_date,
    residents.move_in_date,
    case when words.meaning = 'past' then residents.move_out_date end,
    residents.notice_date,
    case when words.meaning in ('notice', 'eviction') then residents.move_out_date end,
    case when words.meaning in ('current', 'notice', 'eviction') then coalesce(charges.rent, residents.rent) end,
    residents.balance,
    residents.extracted_at
from {{ ref('yardi_residents') }} as residents
inner join ({{ properties_of('yardi') }}) as known on known.code = residents.property_code
left join ({{ property_words('yardi', 'resident') }}) as words on words.word = {{ property_word('residents.status') }}
left join charges
    on
        charges.property_code = residents.property_code
        and charges.snapshot_date = residents.snapshot_date
        and charges.tenant_code = residents.tenant_code
