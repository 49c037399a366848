{#
    Counts of one source a property and day: the Box Score's, else the rent roll's, else those of the units. What only
    units tell (ready, how long vacant, who comes and goes when) is theirs whatever the source of the counts.
#}
with units as (
    select
        unified_property_id,
        snapshot_date,
        {{ state_counts() }},
        count(*) filter (where state in ('VU', 'VL') and is_ready) as vacant_ready,
        count(*) filter (where state in ('VU', 'VL') and is_ready is null) as readiness_unknown,
        count(*) filter (where state in ('VU', 'VL') and days_vacant > 90) as aged_vacancy_90,
        count(*) filter (where state in ('ON', 'OL') and on_notice_date < lease_end) as notice_break_units,
        count(lease_end) filter (where state in ('ON', 'OL') and on_notice_date is not null) as breakable
    from {{ ref('unified_units') }}
    group by unified_property_id, snapshot_date
),

flows as (
    {{ unit_flows() }}
),

box as (
    select
        known.unified_property_id,
        score.report_date as snapshot_date,
        sum(score.total_units) as total_units,
        sum(score.occupied_units) as occupied_units,
        sum(score.vacant_units) as vacant_units,
        sum(score.vacant_not_leased) as vacant_unleased,
        sum(score.vacant_leased) as preleased_vacant,
        sum(score.occupied_on_notice) as notice_units,
        sum(score.notice_leased) as notice_leased_units,
        sum(score.model_units) as model_units,
        sum(score.down_units) as down_units
    from {{ ref('realpage_box_score') }} as score
    inner join ({{ properties_of('realpage') }}) as known on known.code = score.property_id
    group by known.unified_property_id, score.report_date
),

-- The rent roll has one word for both: what is down is not told.
roll as (
    select
        unified_property_id,
        snapshot_date,
        {{ state_counts() }}
    from (
        select
            known.unified_property_id,
            lines.report_date as snapshot_date,
            words.meaning as state
        from {{ ref('realpage_rent_roll') }} as lines
        inner join ({{ properties_of('realpage') }}) as known on known.code = lines.property_id
        left join ({{ property_words('realpage_reports', 'unit') }}) as words
            on words.word = {{ property_word('lines.status') }}
        where lines.is_unit_row
    ) as lines
    group by unified_property_id, snapshot_date
),

{% set counts = [
    'total_units', 'occupied_units', 'vacant_units', 'vacant_unleased', 'preleased_vacant', 'notice_units',
    'notice_leased_units', 'model_units', 'down_units'
] %}
chosen as (
    select
        days.unified_property_id,
        days.snapshot_date,
        case
            when box.total_units is not null then 'box_score'
            when roll.total_units is not null then 'rent_roll'
            when days.pms_source = 'yardi' then 'yardi'
            else 'rpx'
        end as source,
        {% for name in counts %}
            case
                when box.total_units is not null then box.{{ name }}
                {% if name == 'down_units' %}
                    when roll.total_units is not null then null
                {% else %}
                    when roll.total_units is not null then roll.{{ name }}
                {% endif %}
                else units.{{ name }}
            end as {{ name }},
        {% endfor %}
        case when units.readiness_unknown = 0 then units.vacant_ready end as vacant_ready,
        case when units.readiness_unknown = 0 then units.aged_vacancy_90 end as aged_vacancy_90,
        case when units.breakable > 0 or units.notice_units = 0 then units.notice_break_units end as notice_break_units,
        flows.notices_30,
        flows.notices_60,
        flows.move_ins_30,
        flows.move_ins_60
    from {{ ref('property_snapshots') }} as days
    left join box on box.unified_property_id = days.unified_property_id and box.snapshot_date = days.snapshot_date
    left join roll on roll.unified_property_id = days.unified_property_id and roll.snapshot_date = days.snapshot_date
    left join units on units.unified_property_id = days.unified_property_id and units.snapshot_date = days.snapshot_date
    left join flows on flows.unified_property_id = days.unified_property_id and flows.snapshot_date = days.snapshot_date
)

select
    unified_property_id,
    snapshot_date,
    source,
    total_units::integer as total_units,
    occupied_units::integer as occupied_units,
    vacant_units::integer as vacant_units,
    (occupied_units + preleased_vacant)::integer as leased_units,
    preleased_vacant::integer as preleased_vacant,
    notice_units::integer as notice_units,
    notice_leased_units::integer as notice_leased_units,
    notice_break_units::integer as notice_break_units,
    model_units::integer as model_units,
    down_units::integer as down_units,
    vacant_ready::integer as vacant_ready,
    case
        when vacant_ready is not null then greatest(vacant_unleased + preleased_vacant - vacant_ready, 0)
    end::integer as vacant_not_ready,
    aged_vacancy_90::integer as aged_vacancy_90,
    {{ property_share('occupied_units', 'total_units') }} as physical_occupancy,
    {{ property_share('occupied_units + preleased_vacant', 'total_units') }} as leased_percentage,
    {{ property_share('occupied_units - notice_units + notice_leased_units + preleased_vacant', 'total_units') }}
        as net_leased_percentage,
    {% for days in (30, 60) %}
    -- greatest() would take 0 for what is not known
        case
            when vacant_unleased + preleased_vacant + notices_{{ days }} - move_ins_{{ days }} < 0 then 0
            else vacant_unleased + preleased_vacant + notices_{{ days }} - move_ins_{{ days }}
        end::integer as exposure_{{ days }},
    {% endfor %}
    now() as calculated_at
from chosen
where total_units is not null
