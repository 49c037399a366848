{#
    Who moved and what ended, by month. RealPage: residents and leases of the gateway; without them the Monthly Summary
    of a month from its first day on, and the expiration report. Yardi: residents, and guest cards for renewals.
#}
with known as (
    {{ months_known() }}
),

people as (
    select distinct on (unified_property_id, pms_resident_id) *
    from {{ ref('unified_residents') }}
    order by unified_property_id, pms_resident_id, snapshot_date desc
),

leases as (
    {{ leases_as_last_told() }}
),

-- A lease is renewed by the one that follows it in the same unit; one that has not begun is not among the answers.
ended as (
    select
        leases.unified_property_id,
        leases.pms_resident_id,
        leases.lease_end as day,
        leases.status = 'renewed_active' or coalesce(following.is_renewal, false) as is_renewed
    from leases
    left join leases as following
        on
            following.unified_property_id = leases.unified_property_id
            and (
                following.pms_lease_id = leases.next_lease_id
                or (
                    leases.pms_source = 'yardi'
                    and following.pms_resident_id = leases.pms_resident_id
                    and following.lease_start = leases.lease_end + 1
                )
            )
    where leases.status in ('active', 'renewed_active', 'replaced', 'former')
),

happened as (
    select
        unified_property_id,
        'move_ins' as kind,
        pms_resident_id as who,
        move_in_date as day
    from people
    where is_head_of_household and status in ('current', 'notice', 'eviction', 'past')
    union all
    select
        unified_property_id,
        'move_outs',
        pms_resident_id,
        move_out_date
    from people
    where is_head_of_household and status = 'past'
    union all
    select
        unified_property_id,
        'renewals',
        pms_lease_id,
        lease_start
    from leases
    where is_renewal and status in ('active', 'renewed_active', 'replaced', 'former') and lease_start <= snapshot_date
    union all
    select
        sites.unified_property_id,
        'renewals',
        coalesce(cards.tenant_code || '/' || {{ own_day('cards.event_at', 'sites') }}, cards.event_id),
        {{ own_day('cards.event_at', 'sites') }}
    from {{ ref('yardi_guest_activity') }} as cards
    inner join ({{ properties_of('yardi') }}) as sites on sites.code = cards.property_code
    where cards.event_type = 'Renew'
    union all
    select
        unified_property_id,
        'expirations',
        pms_resident_id,
        day
    from ended
    union all
    select
        unified_property_id,
        'renewed',
        pms_resident_id,
        day
    from ended
    where is_renewed
),

counts as (
    select
        {% for kind in ('move_ins', 'move_outs', 'renewals', 'expirations', 'renewed') %}
            count(distinct who) filter (where kind = '{{ kind }}') as {{ kind }},
        {% endfor %}
        unified_property_id,
        date_trunc('month', day)::date as month
    from happened
    group by unified_property_id, date_trunc('month', day)
),

-- The Monthly Summary's move-ins hold transfers.
summaries as (
    select distinct on (unified_property_id, month) *
    from (
        select
            sites.unified_property_id,
            summary.period_start as month,
            summary.report_date,
            sum(summary.move_ins) - sum(summary.transfers_in) as move_ins,
            sum(summary.move_outs) as move_outs,
            sum(summary.renewals) as renewals
        from {{ ref('realpage_monthly_summary') }} as summary
        inner join ({{ properties_of('realpage') }}) as sites on sites.code = summary.property_id
        where
            extract(day from summary.period_start) = 1
            and summary.report_date < summary.period_start + interval '1 month'
        group by sites.unified_property_id, summary.period_start, summary.report_date
    ) as told
    order by unified_property_id, month, report_date desc
),

-- Of a Lease Expiration report that names decisions, the cohort too.
expiring as (
    select
        unified_property_id,
        date_trunc('month', lease_end)::date as month,
        count(*) as expirations,
        count(*) filter (where renewal_status is not null) as decided,
        count(*) filter (where renewal_status = 'Renewed') as renewed
    from (
        select distinct on (sites.unified_property_id, lines.unit_number, lines.lease_end)
            sites.unified_property_id,
            lines.unit_number,
            lines.lease_end,
            lines.renewal_status
        from {{ ref('realpage_lease_expirations') }} as lines
        inner join ({{ properties_of('realpage') }}) as sites on sites.code = lines.property_id
        where lines.lease_end is not null
        order by sites.unified_property_id, lines.unit_number, lines.lease_end, lines.report_date desc
    ) as lines
    group by unified_property_id, date_trunc('month', lease_end)
),

chosen as (
    select
        known.unified_property_id,
        months.month::date as month,
        {% for kind in ('move_ins', 'move_outs') %}
            case
                when months.month >= known.residents_from then coalesce(counts.{{ kind }}, 0)
                else summaries.{{ kind }}
            end as {{ kind }},
        {% endfor %}
        case
            when months.month >= known.renewals_from then coalesce(counts.renewals, 0)
            else summaries.renewals
        end as renewals,
        case
            when months.month >= known.leases_from then coalesce(counts.expirations, 0)
            when months.month >= known.expirations_from then coalesce(expiring.expirations, 0)
        end as expirations,
        -- Yardi shows a renewal when it begins: before that nobody knows how a month comes out.
        case
            when
                months.month >= known.leases_from
                and (known.pms_source = 'realpage' or months.month < date_trunc('month', known.last_day))
                then coalesce(counts.renewed, 0)
            when known.leases_from is null and expiring.decided = expiring.expirations then expiring.renewed
        end as renewed
    from known
    cross join
        lateral generate_series(
            greatest(
                known.shown_from, least(known.residents_from, known.leases_from, date_trunc('month', known.first_day))
            ),
            date_trunc('month', known.last_day),
            interval '1 month'
        ) as months (month)
    left join counts
        on counts.unified_property_id = known.unified_property_id and counts.month = months.month::date
    left join summaries
        on summaries.unified_property_id = known.unified_property_id and summaries.month = months.month::date
    left join expiring
        on expiring.unified_property_id = known.unified_property_id and expiring.month = months.month::date
)

select
    unified_property_id,
    month,
    move_ins::bigint as move_ins,
    move_outs::bigint as move_outs,
    (move_ins - move_outs)::bigint as net_absorption,
    renewals::bigint as renewals,
    expirations::bigint as expirations,
    {{ property_share('renewed', 'expirations') }} as renewal_rate
from chosen
