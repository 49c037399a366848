{#
    Figures by month are what is known of the month now: each lease and person as last told, whichever day that was.
#}

{# The first month that begins on or after a day: the first full one. #}
{% macro full_month(day) -%}
    date_trunc('month', {{ day }} + interval '1 month' - interval '1 day')::date
{%- endmacro %}


{#
    From which month on each property's figures are whole: rows (unified_property_id, pms_source, first_day, last_day,
    shown_from, residents_from, leases_from, activity_from, cards_from, renewals_from, expirations_from); null where
    there is nothing of the kind.

    The gateway lists residents of all times, but leases that ended only for a year back. The Activity report and guest
    cards begin where their first load began. Yardi shows a tenant's present lease alone, and an expiration report what
    has not ended yet: of both, what ended before the first load is lost. Yardi's renewals
    of before are known if everybody who lives there has a guest card.
#}
{% macro months_known() -%}
    with days as (
        select
            unified_property_id,
            pms_source,
            min(snapshot_date) as first_day,
            max(snapshot_date) as last_day,
            min(snapshot_date) filter (where has_residents) as residents_day,
            min(snapshot_date) filter (where has_leases) as leases_day,
            min(snapshot_date) filter (where has_lease_expirations) as expirations_day
        from {{ ref('property_snapshots') }}
        group by unified_property_id, pms_source
    ),

    events as (
        select
            known.unified_property_id,
            min(activity.period_start) as activity_day,
            null::date as cards_day
        from {{ ref('realpage_activity') }} as activity
        inner join ({{ properties_of('realpage') }}) as known on known.code = activity.property_id
        group by known.unified_property_id
        union all
        select
            known.unified_property_id,
            null,
            min({{ own_day('cards.event_at') }})
        from {{ ref('yardi_guest_activity') }} as cards
        inner join ({{ properties_of('yardi') }}) as known on known.code = cards.property_code
        group by known.unified_property_id
    ),

    without_card as (
        select distinct people.unified_property_id
        from {{ ref('unified_residents') }} as people
        inner join ({{ properties_of('yardi') }}) as known on known.unified_property_id = people.unified_property_id
        where
            people.status in ('current', 'notice', 'eviction')
            and not exists (
                select from {{ ref('yardi_guest_activity') }} as cards
                where cards.property_code = known.code and cards.tenant_code = people.pms_resident_id
            )
    )

    select
        days.unified_property_id,
        days.pms_source,
        days.first_day,
        days.last_day,
        {{ first_shown_month('days.first_day') }} as shown_from,
        {{ first_shown_month('days.residents_day') }} as residents_from,
        case days.pms_source
            when 'yardi' then {{ full_month('days.residents_day') }}
            else {{ full_month('(days.leases_day - ' ~ var('rpx_lease_days') ~ ')') }}
        end as leases_from,
        {{ full_month('events.activity_day') }} as activity_from,
        {{ full_month('events.cards_day') }} as cards_from,
        case
            when days.pms_source = 'yardi' and without_card.unified_property_id is null
                then {{ full_month('events.cards_day') }}
            when days.pms_source = 'yardi' then {{ full_month('days.residents_day') }}
            else {{ full_month('(days.leases_day - ' ~ var('rpx_lease_days') ~ ')') }}
        end as renewals_from,
        {{ full_month('days.expirations_day') }} as expirations_from
    from days
    left join events on events.unified_property_id = days.unified_property_id
    left join without_card on without_card.unified_property_id = days.unified_property_id
{%- endmacro %}


{# Each lease as it was last told. #}
{% macro leases_as_last_told() -%}
    select distinct on (unified_property_id, pms_lease_id) *
    from {{ ref('unified_leases') }}
    order by unified_property_id, pms_lease_id, snapshot_date desc
{%- endmacro %}


{# The Activity report's types that are an application, as a list of SQL. #}
{% macro application_types() -%}
    '{{ var('property_application_types') | join("', '") }}'
{%- endmacro %}
