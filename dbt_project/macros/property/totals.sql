{# Measures of the property marts: see `mart_totals`. The sources are the tables beneath, each told once. #}
{% macro property_measures(mart) %}
    {% if mart == 'agg_property_occupancy' %}{{ return({
        'total_units': (
            units_told('total_units', 'true', "state <> 'X'"), mart_total(mart, 'total_units')
        ),
        'occupied_units': (
            units_told('occupied_units', "status like 'Occupied%'", "state in ('O', 'ON', 'OL')"),
            mart_total(mart, 'occupied_units')
        ),
        'parts_of_total_units': (mart_total(mart, 'total_units'), mart_total(mart, 'occupied_units + vacant_units'))
    }) }}
    {% elif mart == 'agg_property_exposure' %}{{ return({
        'notices_60': (
            counted_units("state in ('ON', 'OL') and on_notice_date <= snapshot_date + 60"),
            mart_total(mart, 'notices_60')
        ),
        'move_ins_60': (
            counted_units('scheduled_move_in_date between snapshot_date and snapshot_date + 60'),
            mart_total(mart, 'move_ins_60')
        )
    }) }}
    {% elif mart == 'agg_property_pricing' %}{{ return({
        'unit_count': (
            "select coalesce((select sum(total_units) from " ~ ref('unified_occupancy_metrics')
            ~ " where source = 'box_score'), 0) + ("
            ~ counted_units("state <> 'X' and not exists (select from " ~ ref('property_snapshots') ~ " as days"
                ~ " where days.unified_property_id = units.unified_property_id"
                ~ " and days.snapshot_date = units.snapshot_date and days.has_box_score)") ~ ')',
            mart_total(mart, 'unit_count')
        )
    }) }}
    {% elif mart == 'agg_property_delinquency' %}
        {% set balances -%}
            select coalesce(sum({sum}), 0) from {{ ref('unified_residents') }} as people
            inner join {{ ref('property_snapshots') }} as days
                on days.unified_property_id = people.unified_property_id and days.snapshot_date = people.snapshot_date
            where people.is_head_of_household and not days.has_delinquency
        {%- endset %}
        {% set reported -%}
            select coalesce(sum({sum}), 0) from {{ ref('realpage_delinquency') }} as accounts
            inner join ({{ properties_of('realpage') }}) as known on known.code = accounts.property_id
        {%- endset %}
        {% set both = 'select (' ~ reported ~ ') + (' ~ balances ~ ')' %}
        {{ return({
            'total_delinquent': (
                both.replace('{sum}', 'accounts.total_delinquent', 1).replace('{sum}', 'greatest(people.balance, 0)'),
                mart_total(mart, 'total_delinquent')
            ),
            'prepaid': (
                both.replace('{sum}', 'accounts.prepaid', 1).replace('{sum}', 'greatest(-people.balance, 0)'),
                mart_total(mart, 'prepaid')
            ),
            'buckets': (
                reported.replace('{sum}', 'accounts.total_delinquent'),
                mart_total(mart, 'balance_0_30 + balance_31_60 + balance_61_90 + balance_over_90')
            )
        }) }}
    {% elif mart == 'agg_property_leasing_funnel' %}
        {% set people -%}
            select count(*) from (
                select
                    known.unified_property_id,
                    events.person_key,
                    date_trunc('month', events.activity_date)::date as month
                from {{ ref('realpage_activity') }} as events
                inner join ({{ properties_of('realpage') }}) as known on known.code = events.property_id
                where events.section = 'activity' and events.activity_type = 'Leased'
                union
                select
                    known.unified_property_id,
                    events.prospect_code,
                    date_trunc('month', {{ own_day('events.event_at') }})::date
                from {{ ref('yardi_guest_activity') }} as events
                inner join ({{ properties_of('yardi') }}) as known on known.code = events.property_code
                where events.event_type = 'LeaseSign'
            ) as people
            inner join {{ ref('agg_property_leasing_funnel') }} as shown
                on shown.unified_property_id = people.unified_property_id and shown.month = people.month
            where shown.lease_signs is not null
        {%- endset %}
        {{ return({'lease_signs': (people, mart_total(
            mart, 'lease_signs', 'unified_property_id in (select known.unified_property_id from '
            ~ ref('realpage_activity') ~ ' as told inner join (' ~ properties_of('realpage')
            ~ ') as known on known.code = told.property_id union select known.unified_property_id from '
            ~ ref('yardi_guest_activity') ~ ' as told inner join (' ~ properties_of('yardi')
            ~ ') as known on known.code = told.property_code)'
        ))}) }}
    {% elif mart == 'agg_property_activity' %}
        {% set moved -%}
            select count(distinct (people.unified_property_id, people.pms_resident_id))
            from (
                select distinct on (unified_property_id, pms_resident_id) *
                from {{ ref('unified_residents') }}
                order by unified_property_id, pms_resident_id, snapshot_date desc
            ) as people
            inner join {{ ref('agg_property_activity') }} as shown
                on
                    shown.unified_property_id = people.unified_property_id
                    and shown.month = date_trunc('month', people.move_out_date)::date
            where people.status = 'past' and people.is_head_of_household
        {%- endset %}
        {{ return({'move_outs': (moved, mart_total(
            mart, 'move_outs',
            'unified_property_id in (select unified_property_id from ' ~ ref('unified_residents') ~ ')'
        ))}) }}
    {% elif mart == 'agg_property_summary' %}
        {% set latest -%}
            select coalesce(sum({column}), 0) from (
                select distinct on (unified_property_id) total_units, occupied_units
                from {{ ref('unified_occupancy_metrics') }}
                order by unified_property_id, snapshot_date desc
            ) as latest
        {%- endset %}
        {{ return({
            'total_units': (latest.replace('{column}', 'total_units'), mart_total(mart, 'total_units')),
            'occupied_units': (latest.replace('{column}', 'occupied_units'), mart_total(mart, 'occupied_units'))
        }) }}
    {% elif mart == 'agg_portfolio_summary' %}
        {% set counted -%}
            select coalesce(sum(counts.{column}), 0) from {{ ref('unified_occupancy_metrics') }} as counts
            inner join {{ ref('properties') }} as known
                on known.unified_property_id = counts.unified_property_id and known.is_active
        {%- endset %}
        {{ return({
            'total_units': (counted.replace('{column}', 'total_units'), mart_total(mart, 'total_units')),
            'occupied_units': (counted.replace('{column}', 'occupied_units'), mart_total(mart, 'occupied_units'))
        }) }}
    {% elif mart == 'agg_property_coverage' %}{{ return({
        'properties': (
            "select count(*) from " ~ ref('properties'),
            "select count(distinct unified_property_id) from " ~ ref(mart)
        ),
        'with_units': (
            "select count(distinct unified_property_id) from " ~ ref('unified_occupancy_metrics'),
            mart_total(mart, '1', "module = 'occupancy' and field = 'total_units' and available")
        )
    }) }}
    {% endif %}
{% endmacro %}


{# Units of the source whose counts are taken: Box Score, else rent roll, else the units themselves. #}
{% macro units_told(column, on_roll, of_unit) -%}
    select
        coalesce((
            select sum(score.{{ column }}) from {{ ref('realpage_box_score') }} as score
            inner join ({{ properties_of('realpage') }}) as known on known.code = score.property_id
        ), 0)
        + (
            select count(*) from {{ ref('realpage_rent_roll') }} as roll
            inner join ({{ properties_of('realpage') }}) as known on known.code = roll.property_id
            inner join {{ ref('property_snapshots') }} as days
                on days.unified_property_id = known.unified_property_id and days.snapshot_date = roll.report_date
            where roll.is_unit_row and not days.has_box_score and {{ on_roll }}
        )
        + (
            select count(*) from {{ ref('unified_units') }} as units
            inner join {{ ref('property_snapshots') }} as days
                on days.unified_property_id = units.unified_property_id and days.snapshot_date = units.snapshot_date
            where not days.has_box_score and not days.has_rent_roll and {{ of_unit }}
        )
{%- endmacro %}


{% macro counted_units(where) -%}
    select count(*) from {{ ref('unified_units') }} as units where {{ where }}
{%- endmacro %}
