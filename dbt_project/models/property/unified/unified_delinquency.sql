{#
    What each account owes, an account a row. The report's accounts, with their age; on days without it the balances
    that the system has of heads of household, without age. Yardi gives no balances in what is asked of it.
#}
with reported as (
    select
        known.unified_property_id,
        accounts.*,
        words.meaning
    from {{ ref('realpage_delinquency') }} as accounts
    inner join ({{ properties_of('realpage') }}) as known on known.code = accounts.property_id
    left join ({{ property_words('realpage_reports', 'resident') }}) as words
        on words.word = {{ property_word('accounts.status') }}
),

-- One number can stand on doors of two buildings.
doors as (
    select
        unified_property_id,
        snapshot_date,
        pms_unit_id,
        unit_number
        || case
            when count(*) over (partition by unified_property_id, snapshot_date, unit_number) > 1
                then coalesce(' (' || building || ')', '')
            else ''
        end as unit_number
    from {{ ref('unified_units') }}
),

balances as (
    select
        people.*,
        days.pms_source as told_by,
        doors.unit_number as door,
        row_number() over (
            partition by people.unified_property_id, people.snapshot_date order by people.pms_resident_id
        ) as account_no
    from {{ ref('unified_residents') }} as people
    inner join {{ ref('property_snapshots') }} as days
        on
            days.unified_property_id = people.unified_property_id
            and days.snapshot_date = people.snapshot_date
            and not days.has_delinquency
    left join doors
        on
            doors.unified_property_id = people.unified_property_id
            and doors.snapshot_date = people.snapshot_date
            and doors.pms_unit_id = people.pms_unit_id
    where people.is_head_of_household and people.balance is not null
)

select
    unified_property_id,
    report_date as snapshot_date,
    account_no,
    unit_number,
    resident_key,
    {{ account_status('meaning') }} as status,
    is_under_eviction as is_eviction,
    current_balance,
    balance_0_30,
    balance_31_60,
    balance_61_90,
    balance_over_90,
    total_delinquent,
    prepaid,
    net_balance,
    true as has_aging,
    'report_4260' as source,
    imported_at as synced_at
from reported
union all
select
    unified_property_id,
    snapshot_date,
    account_no::integer,
    door,
    resident_key,
    {{ account_status('status') }},
    status = 'eviction',
    null,
    null,
    null,
    null,
    null,
    greatest(balance, 0)::numeric(14, 2),
    greatest(-balance, 0)::numeric(14, 2),
    balance,
    false,
    case told_by when 'yardi' then 'yardi' else 'rpx' end,
    synced_at
from balances
