{% set lease_words = {
    'Current': 'active', 'Current - Future': 'renewed_active', 'Current - Past': 'replaced', 'Former': 'former',
    'Applicant': 'applicant', 'Applicant - Lease Signed': 'signed', 'Former Applicant': 'former_applicant'
} %}
with rpx as (
    select
        known.unified_property_id,
        leases.*,
        case leases.status_text
            {% for word, meaning in lease_words.items() %}
                when '{{ word }}' then '{{ meaning }}'
            {% endfor %}
        end as meaning,
        units.unit_number,
        units.floorplan_name,
        -- A notice overwrites the type of a lease: then the lease before it, of the same unit, tells a renewal.
        coalesce(
            leases.type_code = 2
            or leases.lease_start_date = leases.last_renewal_date
            or (before.unit_id = leases.unit_id and before.resh_id = leases.resh_id),
            false
        ) as follows_in_place
    from {{ ref('realpage_leases') }} as leases
    inner join ({{ properties_of('realpage') }}) as known on known.code = leases.site_id
    left join {{ ref('realpage_units') }} as units
        on
            units.site_id = leases.site_id
            and units.snapshot_date = leases.snapshot_date
            and units.unit_id = leases.unit_id
    left join {{ ref('realpage_leases') }} as before
        on
            before.site_id = leases.site_id
            and before.snapshot_date = leases.snapshot_date
            and before.lease_id = leases.prior_lease_id
),

charges as (
    {{ yardi_rents() }}
),

-- What Yardi's residents lack about their leases, guest cards tell: of those who came since there are any.
events as (
    select
        cards.property_code,
        cards.tenant_code,
        cards.event_type,
        {{ own_day('cards.event_at') }} as day
    from {{ ref('yardi_guest_activity') }} as cards
    inner join ({{ properties_of('yardi') }}) as known on known.code = cards.property_code
    where cards.tenant_code is not null
),

told as (
    select
        residents.property_code,
        residents.snapshot_date,
        residents.tenant_code,
        max(events.day) filter (where events.event_type = 'LeaseSign') as signed_date,
        min(events.day) filter (where events.event_type = 'Application') as applied_date,
        bool_or(events.event_type = 'Renew' and events.day = residents.lease_from_date) as is_renewed,
        bool_or(events.event_type = 'Transfer' and events.day = residents.lease_from_date) as is_transferred,
        bool_or(events.event_type = 'MonthToMonth' and events.day > residents.lease_to_date) as is_monthly
    from {{ ref('yardi_residents') }} as residents
    inner join events
        on
            events.property_code = residents.property_code
            and events.tenant_code = residents.tenant_code
            and events.day <= residents.snapshot_date
    group by residents.property_code, residents.snapshot_date, residents.tenant_code
),

-- Each term of a tenant as first seen, to tell who went on in another unit.
terms as (
    select
        property_code,
        tenant_code,
        lease_from_date,
        unit_code,
        lag(unit_code) over (partition by property_code, tenant_code order by lease_from_date) as unit_before
    from (
        select distinct on (property_code, tenant_code, lease_from_date)
            property_code,
            tenant_code,
            lease_from_date,
            unit_code
        from {{ ref('yardi_residents') }}
        order by property_code, tenant_code, lease_from_date, snapshot_date
    ) as first_seen
),

yardi as (
    select
        known.unified_property_id,
        residents.*,
        words.meaning,
        units.floorplan_name,
        told.signed_date,
        told.applied_date,
        coalesce(
            told.is_renewed
            or (
                residents.lease_from_date > residents.move_in_date
                and not coalesce(told.is_transferred, false)
                and coalesce(terms.unit_before, residents.unit_code) = residents.unit_code
            ),
            false
        ) as follows_in_place,
        coalesce(
            words.meaning in ('current', 'notice', 'eviction')
            and (told.is_monthly or residents.lease_to_date < residents.snapshot_date),
            false
        ) as is_monthly
    from {{ ref('yardi_residents') }} as residents
    inner join ({{ properties_of('yardi') }}) as known on known.code = residents.property_code
    left join ({{ property_words('yardi', 'resident') }}) as words
        on words.word = {{ property_word('residents.status') }}
    left join told
        on
            told.property_code = residents.property_code
            and told.snapshot_date = residents.snapshot_date
            and told.tenant_code = residents.tenant_code
    left join terms
        on
            terms.property_code = residents.property_code
            and terms.tenant_code = residents.tenant_code
            and terms.lease_from_date = residents.lease_from_date
    left join {{ ref('yardi_units') }} as units
        on
            units.property_code = residents.property_code
            and units.snapshot_date = residents.snapshot_date
            and units.unit_code = residents.unit_code
    where residents.lease_from_date is not null
)

select
    unified_property_id,
    snapshot_date,
    'realpage' as pms_source,
    lease_id as pms_lease_id,
    resh_id as pms_resident_id,
    unit_id as pms_unit_id,
    unit_number,
    meaning as status,
    case when follows_in_place then 'renewal' else 'new' end as lease_type,
    rent_amount,
    lease_start_date as lease_start,
    lease_end_date as lease_end,
    lease_term_months,
    lease_signed_date as signed_date,
    applied_date,
    move_in_date,
    case when status_text = 'Former' then inactive_date end as move_out_date,
    next_lease_id,
    follows_in_place as is_renewal,
    coalesce(month_to_month_date <= snapshot_date, false) as is_month_to_month,
    floorplan_name as floorplan,
    extracted_at as synced_at
from rpx
union all
select
    yardi.unified_property_id,
    yardi.snapshot_date,
    'yardi',
    yardi.tenant_code || '/' || yardi.lease_from_date,
    yardi.tenant_code,
    yardi.unit_code,
    yardi.unit_code,
    case
        when yardi.meaning in ('current', 'notice', 'eviction') then 'active'
        when yardi.meaning = 'future' then 'signed'
        when yardi.meaning = 'past' then 'former'
        when yardi.meaning in ('denied', 'canceled') then 'former_applicant'
        else 'applicant'
    end,
    case when yardi.follows_in_place then 'renewal' else 'new' end,
    coalesce(charges.rent, yardi.rent),
    yardi.lease_from_date,
    yardi.lease_to_date,
    (
        extract(year from age(yardi.lease_to_date + 1, yardi.lease_from_date)) * 12
        + extract(month from age(yardi.lease_to_date + 1, yardi.lease_from_date))
    )::integer,
    yardi.signed_date,
    yardi.applied_date,
    yardi.move_in_date,
    case when yardi.meaning = 'past' then yardi.move_out_date end,
    null,
    yardi.follows_in_place,
    yardi.is_monthly,
    yardi.floorplan_name,
    yardi.extracted_at
from yardi
left join charges
    on
        charges.property_code = yardi.property_code
        and charges.snapshot_date = yardi.snapshot_date
        and charges.tenant_code = yardi.tenant_code
