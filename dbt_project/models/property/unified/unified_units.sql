{#
    Each unit on each day. RealPage's gateway tells more of a unit than the rent roll, which stands in for it on days
    without the gateway.
#}
with rpx_leases as (
    select * from {{ ref('unified_leases') }} where pms_source = 'realpage'
),

rpx_in_force as (
    select distinct on (unified_property_id, snapshot_date, pms_unit_id)
        unified_property_id,
        snapshot_date,
        pms_unit_id,
        rent_amount,
        lease_start,
        lease_end,
        move_in_date
    from rpx_leases
    where status in ('active', 'renewed_active')
    order by unified_property_id, snapshot_date, pms_unit_id, lease_start desc
),

-- Who left by moving to another unit is no former resident: the lease he had here ended, the next is elsewhere.
rpx_left as (
    select
        ended.site_id,
        ended.snapshot_date,
        ended.unit_id,
        max(ended.inactive_date) as day
    from {{ ref('realpage_leases') }} as ended
    left join {{ ref('realpage_leases') }} as following
        on
            following.site_id = ended.site_id
            and following.snapshot_date = ended.snapshot_date
            and following.lease_id = ended.next_lease_id
    where
        ended.status_text in ('Current - Past', 'Former')
        and ended.inactive_date <= ended.snapshot_date
        and following.unit_id is distinct from ended.unit_id
    group by ended.site_id, ended.snapshot_date, ended.unit_id
),

scheduled as (
    select
        site_id,
        snapshot_date,
        unit_id,
        min(coalesce(sched_move_in_date, move_in_date)) as move_in_date
    from {{ ref('realpage_leases') }}
    where status_text = 'Applicant - Lease Signed'
    group by site_id, snapshot_date, unit_id
),

people as (
    select
        unified_property_id,
        snapshot_date,
        pms_unit_id,
        min(move_in_date) filter (where status = 'future') as move_in_date,
        max(notice_for_date) filter (where status in ('notice', 'eviction')) as notice_for_date,
        max(move_out_date) filter (where status = 'past' and move_out_date <= snapshot_date) as last_move_out_date
    from {{ ref('unified_residents') }}
    where is_head_of_household and pms_unit_id is not null
    group by unified_property_id, snapshot_date, pms_unit_id
),

yardi_people as (
    select distinct on (unified_property_id, snapshot_date, pms_unit_id)
        unified_property_id,
        snapshot_date,
        pms_unit_id,
        current_rent,
        lease_start,
        lease_end,
        move_in_date
    from {{ ref('unified_residents') }}
    where pms_source = 'yardi' and status in ('current', 'notice', 'eviction')
    order by unified_property_id, snapshot_date, pms_unit_id, lease_start desc
),

roll_coming as (
    select
        property_id,
        report_date,
        unit_number,
        min(move_in_date) as move_in_date
    from {{ ref('realpage_rent_roll') }}
    where not is_unit_row and status = 'Applicant'
    group by property_id, report_date, unit_number
),

told as (
    select
        known.unified_property_id,
        units.snapshot_date,
        'realpage' as pms_source,
        units.unit_id as pms_unit_id,
        units.unit_number,
        units.building_name as building,
        units.floor,
        coalesce(units.floorplan_code, units.floorplan_name) as floorplan,
        units.floorplan_name,
        units.bedrooms,
        units.bathrooms,
        units.rentable_sqft as square_feet,
        units.market_rent,
        leases.rent_amount as in_place_rent,
        units.unit_status as state,
        {{ own_day('units.made_ready_date') }} as made_ready_date,
        null::boolean as is_said_ready,
        units.available_date,
        coalesce(units.on_notice_for_date, people.notice_for_date) as on_notice_date,
        greatest(people.last_move_out_date, rpx_left.day) as last_move_out_date,
        true as has_history,
        leases.lease_start,
        leases.lease_end,
        leases.move_in_date,
        coalesce(
            scheduled.move_in_date,
            people.move_in_date,
            case when units.expected_move_in_date >= units.snapshot_date then units.expected_move_in_date end
        ) as scheduled_move_in_date,
        units.extracted_at as synced_at
    from {{ ref('realpage_units') }} as units
    inner join ({{ properties_of('realpage') }}) as known on known.code = units.site_id
    left join rpx_in_force as leases
        on
            leases.unified_property_id = known.unified_property_id
            and leases.snapshot_date = units.snapshot_date
            and leases.pms_unit_id = units.unit_id
    left join people
        on
            people.unified_property_id = known.unified_property_id
            and people.snapshot_date = units.snapshot_date
            and people.pms_unit_id = units.unit_id
    left join rpx_left
        on
            rpx_left.site_id = units.site_id
            and rpx_left.snapshot_date = units.snapshot_date
            and rpx_left.unit_id = units.unit_id
    left join scheduled
        on
            scheduled.site_id = units.site_id
            and scheduled.snapshot_date = units.snapshot_date
            and scheduled.unit_id = units.unit_id
    union all
    select
        known.unified_property_id,
        roll.report_date,
        'realpage',
        roll.unit_number,
        roll.unit_number,
        null,
        null,
        roll.floorplan,
        null,
        null,
        null,
        roll.sqft,
        roll.market_rent,
        roll.actual_rent,
        words.meaning,
        null,
        null,
        null,
        case when words.meaning in ('ON', 'OL') then roll.move_out_date end,
        null,
        false,
        roll.lease_start,
        roll.lease_end,
        roll.move_in_date,
        roll_coming.move_in_date,
        roll.imported_at
    from {{ ref('realpage_rent_roll') }} as roll
    inner join ({{ properties_of('realpage') }}) as known on known.code = roll.property_id
    left join ({{ property_words('realpage_reports', 'unit') }}) as words
        on words.word = {{ property_word('roll.status') }}
    left join roll_coming
        on
            roll_coming.property_id = roll.property_id
            and roll_coming.report_date = roll.report_date
            and roll_coming.unit_number = roll.unit_number
            and words.meaning in ('VL', 'OL')
    where
        roll.is_unit_row
        and not exists (
            select from {{ ref('property_snapshots') }} as days
            where
                days.unified_property_id = known.unified_property_id
                and days.snapshot_date = roll.report_date
                and days.has_units
        )
    union all
    select
        known.unified_property_id,
        units.snapshot_date,
        'yardi',
        units.unit_code,
        units.unit_code,
        units.building,
        null,
        units.unit_type,
        units.floorplan_name,
        units.bedrooms,
        units.bathrooms,
        units.sqft,
        units.market_rent,
        living.current_rent,
        case when units.excluded_from_occupancy then 'X' else words.meaning end,
        coalesce(units.make_ready_date, offered.available_date),
        case
            when units.unit_status ~* 'not ready$' then false
            when units.unit_status ~* 'ready$' then true
        end,
        units.available_date,
        people.notice_for_date,
        greatest(
            people.last_move_out_date,
            case when offered.vacate_date <= units.snapshot_date then offered.vacate_date end
        ),
        true,
        living.lease_start,
        living.lease_end,
        living.move_in_date,
        people.move_in_date,
        units.extracted_at
    from {{ ref('yardi_units') }} as units
    inner join ({{ properties_of('yardi') }}) as known on known.code = units.property_code
    left join ({{ property_words('yardi', 'unit') }}) as words on words.word = {{ property_word('units.unit_status') }}
    left join {{ ref('yardi_available_units') }} as offered
        on
            offered.property_code = units.property_code
            and offered.snapshot_date = units.snapshot_date
            and offered.unit_code = units.unit_code
    left join people
        on
            people.unified_property_id = known.unified_property_id
            and people.snapshot_date = units.snapshot_date
            and people.pms_unit_id = units.unit_code
    left join yardi_people as living
        on
            living.unified_property_id = known.unified_property_id
            and living.snapshot_date = units.snapshot_date
            and living.pms_unit_id = units.unit_code
)

select
    unified_property_id,
    snapshot_date,
    pms_source,
    pms_unit_id,
    unit_number,
    building,
    floor,
    floorplan,
    floorplan_name,
    bedrooms,
    bathrooms,
    square_feet,
    market_rent,
    case when state in ('O', 'ON', 'OL') then in_place_rent end as in_place_rent,
    state,
    case
        when state in ('ON', 'OL') then 'notice'
        when state = 'O' then 'occupied'
        when state in ('VU', 'VL') then 'vacant'
        when state = 'VM' then 'model'
        when state = 'VD' then 'down'
        when state = 'X' then 'excluded'
    end as status,
    case
        when state not in ('VU', 'VL') or not has_history then null
        when is_said_ready is not null then is_said_ready
        else coalesce(
            made_ready_date <= snapshot_date
            and (last_move_out_date is null or made_ready_date >= last_move_out_date),
            false
        )
    end as is_ready,
    state in ('OL', 'VL') as is_preleased,
    available_date,
    made_ready_date,
    case when state in ('ON', 'OL') then on_notice_date end as on_notice_date,
    last_move_out_date,
    case
        when state in ('VU', 'VL', 'VM', 'VD') then
            snapshot_date
            - coalesce(last_move_out_date, case when available_date <= snapshot_date then available_date end)
    end as days_vacant,
    lease_start,
    lease_end,
    move_in_date,
    case when state in ('OL', 'VL') then scheduled_move_in_date end as scheduled_move_in_date,
    state = 'X' as excluded_from_occupancy,
    synced_at
from told
