{#
    What RealPage's sources say of the same thing: rows (check_name, table_name, unified_property_id, snapshot_date,
    measure, one, other) that disagree.

    property_units        Box Score, rent roll and gateway by two: units, occupied ones, market rent. Two units may
                          differ, since the sources are not read at the same minute; a rent roll's market rent counts
                          only where it holds nothing but rent.
    delinquency_buckets   an account's four parts by age against what it owes
    delinquency_balances  the report's net balances against those of heads of household, but for accounts of nobody
#}
{% macro property_differences() -%}
    with doors (place, door, unified_property_id, snapshot_date, total_units, occupied_units, market_rent) as (
        select
            1,
            'box_score',
            known.unified_property_id,
            score.report_date,
            sum(score.total_units),
            sum(score.occupied_units),
            sum(score.avg_market_rent * score.total_units)
        from {{ ref('realpage_box_score') }} as score
        inner join ({{ properties_of('realpage') }}) as known on known.code = score.property_id
        group by known.unified_property_id, score.report_date
        union all
        select
            2,
            'rent_roll',
            known.unified_property_id,
            roll.report_date,
            count(*),
            count(*) filter (where words.meaning in ('O', 'ON', 'OL')),
            sum(roll.market_rent) filter (where roll.market_rent_type = 'Market Rent')
        from {{ ref('realpage_rent_roll') }} as roll
        inner join ({{ properties_of('realpage') }}) as known on known.code = roll.property_id
        left join ({{ property_words('realpage_reports', 'unit') }}) as words
            on words.word = {{ property_word('roll.status') }}
        where roll.is_unit_row
        group by known.unified_property_id, roll.report_date
        union all
        select
            3,
            'rpx',
            units.unified_property_id,
            units.snapshot_date,
            count(*),
            count(*) filter (where units.state in ('O', 'ON', 'OL')),
            sum(units.market_rent)
        from {{ ref('unified_units') }} as units
        inner join {{ ref('property_snapshots') }} as days
            on
                days.unified_property_id = units.unified_property_id
                and days.snapshot_date = units.snapshot_date
                and days.pms_source = 'realpage'
                and days.has_units
        where units.state <> 'X'
        group by units.unified_property_id, units.snapshot_date
    ),

    pairs as (
        select
            one.unified_property_id,
            one.snapshot_date,
            measures.measure,
            measures.one,
            measures.other,
            measures.allowed
        from doors as one
        inner join doors as other
            on
                other.unified_property_id = one.unified_property_id
                and other.snapshot_date = one.snapshot_date
                and other.place > one.place
        cross join lateral (
            values
            (
                'total_units: ' || one.door || ', ' || other.door,
                one.total_units::numeric,
                other.total_units::numeric,
                2
            ),
            ('occupied_units: ' || one.door || ', ' || other.door, one.occupied_units, other.occupied_units, 2),
            (
                -- A printed mean is half a cent off at most; units that one source lacks lack their rent.
                'market_rent: ' || one.door || ', ' || other.door,
                one.market_rent,
                other.market_rent,
                0.005 * one.total_units
                + abs(one.total_units - other.total_units) * one.market_rent / nullif(one.total_units, 0)
            )
        ) as measures (measure, one, other, allowed)
    )

    select
        'property_units' as check_name,
        'unified_units' as table_name,
        unified_property_id,
        snapshot_date,
        measure,
        one,
        other
    from pairs
    where abs(one - other) > allowed
    union all
    select
        'delinquency_buckets',
        'unified_delinquency',
        unified_property_id,
        snapshot_date,
        'account ' || account_no,
        total_delinquent,
        balance_0_30 + balance_31_60 + balance_61_90 + balance_over_90
    from {{ ref('unified_delinquency') }}
    where has_aging and total_delinquent is distinct from balance_0_30 + balance_31_60 + balance_61_90 + balance_over_90
    union all
    select
        'delinquency_balances',
        'unified_delinquency',
        report.unified_property_id,
        report.snapshot_date,
        'net balance',
        report.net_balance,
        residents.balance
    from (
        select
            unified_property_id,
            snapshot_date,
            sum(net_balance) as net_balance
        from {{ ref('unified_delinquency') }}
        where has_aging and status <> 'misc'
        group by unified_property_id, snapshot_date
    ) as report
    inner join (
        select
            unified_property_id,
            snapshot_date,
            sum(balance) as balance
        from {{ ref('unified_residents') }}
        where is_head_of_household
        group by unified_property_id, snapshot_date
    ) as residents
        on residents.unified_property_id = report.unified_property_id and residents.snapshot_date = report.snapshot_date
    where report.net_balance <> residents.balance
{%- endmacro %}


{# The checks and how grave a difference is. The sources of two are read at different hours of a day. #}
{% macro property_checks() %}
    {{ return({
        'property_units': ('unified_units', 'warn'),
        'delinquency_buckets': ('unified_delinquency', 'error'),
        'delinquency_balances': ('unified_delinquency', 'warn')
    }) }}
{% endmacro %}


{# The checks as rows of recon_summary. #}
{% macro property_check_results() -%}
    {% for check_name, (table_name, severity) in property_checks().items() %}
    {{ 'union all' if not loop.first }}
    select
        '{{ check_name }}',
        '{{ table_name }}',
        count(*) = 0,
        count(*),
        '{{ severity }}',
        0
    from {{ ref('recon_property_differences') }}
    where check_name = '{{ check_name }}'
    {% endfor %}
{%- endmacro %}


{# RealPage's sources agree with each other in one of the checks of `property_differences`. #}
{% test property_sources_agree(model, check) %}
    select * from ({{ property_differences() }}) as differences where check_name = '{{ check }}'
{% endtest %}
