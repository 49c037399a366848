{#
    Which figure each property has. Whether it has one is read from the marts, whose it is from what was told; the lists
    below say only which figures there are, what a share is made of, and which tables could tell a figure at all.
#}
{% set figures = property_figures() %}
{% set shares = {
    'physical_occupancy': ('occupancy', ['occupied_units', 'total_units']),
    'leased_percentage': ('occupancy', ['occupied_units', 'preleased_vacant', 'total_units']),
    'delinquent_share': ('delinquency', ['delinquent_units', 'occupied_units']),
    'lead_to_tour': ('leasing_funnel', ['tours', 'leads']),
    'tour_to_application': ('leasing_funnel', ['applications', 'tours']),
    'application_to_lease': ('leasing_funnel', ['lease_signs', 'applications']),
    'rent_growth': ('pricing', ['asking_rent', 'in_place_rent'])
} %}
{% set rents = ['average_sqft', 'in_place_rent', 'in_place_per_sqft', 'asking_rent', 'asking_per_sqft'] %}
{% set from_units = ['vacant_ready', 'vacant_not_ready', 'aged_vacancy_90'] %}
{% set buckets = ['balance_0_30', 'balance_31_60', 'balance_61_90', 'balance_over_90'] %}
{% set history = ['leads', 'tours', 'applications', 'lease_signs', 'lead_to_tour', 'tour_to_application',
    'application_to_lease', 'renewals', 'expirations', 'renewal_rate'] %}
with known as (
    {{ months_known() }}
),

latest as (
    select days.*
    from {{ ref('property_snapshots') }} as days
    inner join known on known.unified_property_id = days.unified_property_id and known.last_day = days.snapshot_date
),

-- What a property was ever told of, and by what.
loaded as (
    select
        unified_property_id,
        {% for kind in ('box_score', 'rent_roll', 'delinquency', 'monthly_summary', 'lease_expirations', 'units',
            'residents', 'leases') %}
            bool_or(has_{{ kind }}) as has_{{ kind }},
        {% endfor %}
        bool_or(pms_source = 'yardi') as is_yardi
    from {{ ref('property_snapshots') }}
    group by unified_property_id
),

notices as (
    {{ unit_flows() }}
),

conflicts as (
    select
        unified_property_id,
        snapshot_date,
        split_part(measure, ':', 1) as field,
        max(abs(one - other))::integer as affected
    from ({{ property_differences() }}) as differences
    where check_name = 'property_units' and measure not like 'market_rent%'
    group by unified_property_id, snapshot_date, split_part(measure, ':', 1)
),

-- A figure by day is had on the last day; one by month, in any month.
had (unified_property_id, module, field, available) as (
    {% for module in ('occupancy', 'exposure', 'delinquency') %}
        {% for name in figures[module] %}
    select
        known.unified_property_id,
        '{{ module }}',
        '{{ name }}',
        figures.{{ name }} is not null
    from known
    left join {{ ref('agg_property_' ~ module) }} as figures
        on figures.unified_property_id = known.unified_property_id and figures.snapshot_date = known.last_day
    union all
    {% endfor %}
    {% endfor %}
    {% for name in rents %}
        select
            known.unified_property_id,
            'pricing',
            '{{ name }}',
            coalesce(bool_or(figures.{{ name }} is not null), false)
        from known
        left join {{ ref('agg_property_pricing') }} as figures
            on figures.unified_property_id = known.unified_property_id and figures.snapshot_date = known.last_day
        group by known.unified_property_id
        union all
    {% endfor %}
    {% for module in ('leasing_funnel', 'activity') %}
        {% for name in figures[module] %}
    select
        known.unified_property_id,
        '{{ module }}',
        '{{ name }}',
        coalesce(bool_or(figures.{{ name }} is not null), false)
    from known
    left join {{ ref('agg_property_' ~ module) }} as figures
        on figures.unified_property_id = known.unified_property_id
    group by known.unified_property_id
    union all
    {% endfor %}
    {% endfor %}
    select
        known.unified_property_id,
        'activity',
        'renewal_rate',
        coalesce(bool_or(figures.renewal_rate is not null), false)
    from known
    left join {{ ref('agg_property_activity') }} as figures
        on figures.unified_property_id = known.unified_property_id
    group by known.unified_property_id
),

-- A share of nothing is null and yet had: its parts are.
fields as (
    select
        unified_property_id,
        module,
        field,
        available
    from had
    {% for name, (module, parts) in shares.items() %}
        union all
        select
            unified_property_id,
            '{{ module }}',
            '{{ name }}',
            bool_and(available)
        from had
        where field in ('{{ parts | join("', '") }}')
        group by unified_property_id
    {% endfor %}
),

named as (
    select
        fields.*,
        loaded.is_yardi,
        loaded.unified_property_id is not null as is_loaded,
        {% set guest_cards = 'known.cards_from is not null' %}
        {% set report = 'known.activity_from is not null' %}
        case
            when loaded.is_yardi and fields.module = 'delinquency' then null
            when loaded.is_yardi and fields.module = 'leasing_funnel'
                then case when {{ guest_cards }} then 'yardi_guest_activity' end
            when loaded.is_yardi and fields.module = 'activity'
                then case when loaded.has_residents then 'yardi_residents' end
            when loaded.is_yardi then case when loaded.has_units then 'yardi_units' end
            when fields.module = 'delinquency' and loaded.has_delinquency then 'realpage_delinquency'
            when
                fields.field in ('{{ buckets | join("', '") }}')
                then null
            when fields.module = 'delinquency' then case when loaded.has_residents then 'realpage_residents' end
            when fields.field = 'applications' and loaded.has_leases then 'realpage_leases'
            when fields.module = 'leasing_funnel' and {{ report }} then 'realpage_activity'
            when fields.field in ('applications', 'lease_signs', 'application_to_lease') and loaded.has_leases
                then 'realpage_leases'
            when fields.module = 'leasing_funnel' then null
            when fields.field in ('move_ins', 'move_outs', 'net_absorption') and loaded.has_residents
                then 'realpage_residents'
            when
                fields.field in ('renewals', 'expirations', 'renewal_rate') and loaded.has_leases
                then 'realpage_leases'
            when fields.field in ('expirations', 'renewal_rate')
                then case when loaded.has_lease_expirations then 'realpage_lease_expirations' end
            when
                fields.module = 'activity'
                then case when loaded.has_monthly_summary then 'realpage_monthly_summary' end
            when
                fields.field in (
                    '{{ from_units | join("', '") }}'
                )
                then case when loaded.has_units then 'realpage_units' end
            when fields.module = 'exposure' and loaded.has_units then 'realpage_units'
            when fields.module = 'exposure' and loaded.has_rent_roll then 'realpage_rent_roll'
            when fields.module = 'exposure' then null
            when fields.field in ('average_sqft', 'in_place_per_sqft', 'asking_per_sqft') and loaded.has_units
                then 'realpage_units'
            when
                fields.field in ('average_sqft', 'asking_per_sqft')
                and loaded.has_box_score
                and loaded.has_monthly_summary
                then 'realpage_monthly_summary'
            when loaded.has_box_score then 'realpage_box_score'
            when loaded.has_rent_roll then 'realpage_rent_roll'
            when loaded.has_units then 'realpage_units'
        end as source
    from fields
    inner join known on known.unified_property_id = fields.unified_property_id
    left join loaded on loaded.unified_property_id = fields.unified_property_id
),

reasoned as (
    select
        named.unified_property_id,
        named.module,
        named.field,
        named.available,
        named.source,
        case
            when named.available and conflicts.affected is not null then 'conflict'
            when named.available then 'ok'
            when named.is_yardi and named.module = 'delinquency' then 'not_in_pms'
            when named.source is null then 'no_source'
            when
                named.field in ('{{ history | join("', '") }}')
                then 'no_history'
            else 'not_parsed'
        end as reason,
        case
            when named.field like 'notices%' then notices.undated_notices::integer
            else conflicts.affected
        end as affected
    from named
    inner join latest on latest.unified_property_id = named.unified_property_id
    left join conflicts
        on
            conflicts.unified_property_id = named.unified_property_id
            and conflicts.snapshot_date = latest.snapshot_date
            and conflicts.field = named.field
    left join notices
        on
            notices.unified_property_id = named.unified_property_id
            and notices.snapshot_date = latest.snapshot_date
)

select * from reasoned
union all
-- Nothing was ever told of these.
select
    known.unified_property_id,
    fields.module,
    fields.field,
    false,
    null,
    'no_source',
    null
from {{ ref('properties') }} as known
cross join (
    values
    {% for module in figures %}
    {% for name in figures[module] %}
    ('{{ module }}', '{{ name }}'),
    {% endfor %}
    {% endfor %}
    {% for name in rents %}
        ('pricing', '{{ name }}'),
    {% endfor %}
    {% for name, (module, parts) in shares.items() %}
        ('{{ module }}', '{{ name }}'),
    {% endfor %}
    ('activity', 'renewal_rate')
) as fields (module, field)
where not exists (
    select from {{ ref('property_snapshots') }} as days where days.unified_property_id = known.unified_property_id
)
