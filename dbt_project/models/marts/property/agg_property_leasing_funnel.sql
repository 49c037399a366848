{#
    People a stage and month, each once. RealPage: leads, tours and signatures from the Activity report, applications
    from the leases, since not everybody applies online; where one lacks, the other. Yardi: guest cards.
#}
{% set tours = ['Visit', 'Visit (return)', 'Self-guided - Tour', 'Videotelephony - Tour', 'Pre-recorded - Tour'] %}
with known as (
    {{ months_known() }}
),

leases as (
    {{ leases_as_last_told() }}
),

-- One that follows another is a renewal or a transfer: no signature of somebody new.
new_leases as (
    select
        leases.unified_property_id,
        leases.pms_resident_id as person,
        leases.applied_date,
        leases.signed_date,
        earlier.pms_lease_id is not null or leases.is_renewal as is_later
    from leases
    left join leases as earlier
        on earlier.unified_property_id = leases.unified_property_id and earlier.next_lease_id = leases.pms_lease_id
    where leases.pms_source = 'realpage'
),

activity as (
    select
        sites.unified_property_id,
        events.person_key as person,
        events.activity_type,
        events.activity_date as day
    from {{ ref('realpage_activity') }} as events
    inner join ({{ properties_of('realpage') }}) as sites on sites.code = events.property_id
    where events.section = 'activity' and events.person_key is not null
),

cards as (
    select
        sites.unified_property_id,
        events.prospect_code as person,
        events.event_type,
        events.is_first_contact,
        {{ own_day('events.event_at', 'sites') }} as day
    from {{ ref('yardi_guest_activity') }} as events
    inner join ({{ properties_of('yardi') }}) as sites on sites.code = events.property_code
),

stages as (
    select
        unified_property_id,
        'leads' as stage,
        'activity' as source,
        person,
        min(day) as day
    from activity
    group by unified_property_id, person
    union all
    select
        unified_property_id,
        case
            when activity_type = 'Leased' then 'lease_signs'
            when activity_type in ({{ application_types() }}) then 'applications'
            else 'tours'
        end,
        'activity',
        person,
        day
    from activity
    where
        activity_type in (
            {% for tour in tours %}
                '{{ tour }}',
            {% endfor %}
            {{ application_types() }},
            'Leased'
        )
    union all
    select
        unified_property_id,
        'applications',
        'leases',
        person,
        applied_date
    from new_leases
    union all
    select
        unified_property_id,
        'lease_signs',
        'leases',
        person,
        signed_date
    from new_leases
    where not is_later
    union all
    select
        unified_property_id,
        'leads',
        'cards',
        person,
        min(day)
    from cards
    where is_first_contact
    group by unified_property_id, person
    union all
    select
        unified_property_id,
        case event_type
            when 'Show' then 'tours'
            when 'LeaseSign' then 'lease_signs'
            else 'applications'
        end,
        'cards',
        person,
        day
    from cards
    where event_type in ('Show', 'Application', 'ReApply', 'LeaseSign')
),

counts as (
    select
        {% for source in ('activity', 'leases', 'cards') %}
            {% for stage in ('leads', 'tours', 'applications', 'lease_signs') %}
                count(distinct person) filter (where stage = '{{ stage }}' and source = '{{ source }}')
                    as {{ source }}_{{ stage }},
            {% endfor %}
        {% endfor %}
        unified_property_id,
        date_trunc('month', day)::date as month
    from stages
    group by unified_property_id, date_trunc('month', day)
),

-- Who is new in the first month of an Activity report's history cannot be told.
chosen as (
    select
        known.unified_property_id,
        months.month::date as month,
        case
            when months.month > known.activity_from then coalesce(counts.activity_leads, 0)
            when months.month >= known.cards_from then coalesce(counts.cards_leads, 0)
        end as leads,
        case
            when months.month >= known.activity_from then coalesce(counts.activity_tours, 0)
            when months.month >= known.cards_from then coalesce(counts.cards_tours, 0)
        end as tours,
        case
            when known.pms_source = 'realpage' and months.month >= known.leases_from
                then coalesce(counts.leases_applications, 0)
            when months.month >= known.activity_from then coalesce(counts.activity_applications, 0)
            when months.month >= known.cards_from then coalesce(counts.cards_applications, 0)
        end as applications,
        case
            when months.month >= known.activity_from then coalesce(counts.activity_lease_signs, 0)
            when known.pms_source = 'realpage' and months.month >= known.leases_from
                then coalesce(counts.leases_lease_signs, 0)
            when months.month >= known.cards_from then coalesce(counts.cards_lease_signs, 0)
        end as lease_signs
    from known
    cross join
        lateral generate_series(
            greatest(known.shown_from, least(known.activity_from, known.cards_from, known.leases_from)),
            date_trunc('month', known.last_day),
            interval '1 month'
        ) as months (month)
    left join counts
        on counts.unified_property_id = known.unified_property_id and counts.month = months.month::date
)

select
    unified_property_id,
    month,
    leads,
    tours,
    applications,
    lease_signs,
    {{ property_share('tours', 'leads') }} as lead_to_tour,
    {{ property_share('applications', 'tours') }} as tour_to_application,
    {{ property_share('lease_signs', 'applications') }} as application_to_lease
from chosen
