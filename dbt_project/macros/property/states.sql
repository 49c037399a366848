{#
    The eight states of a unit (docs/property_metrics.md), and what the PMS' words mean.

    O occupied, ON on notice, OL on notice and let again, VU vacant, VL vacant and let, VM vacant and off the market,
    VD down; X is no home: it counts nowhere. A report's and Yardi's words are in seeds/property_vocabulary.csv; the
    gateway has no word, its state follows from flags and from who is about to move.
#}

{# What the words of one system mean: rows (word, meaning). Casing, blanks, - and / around words do not matter. #}
{% macro property_words(source, kind) -%}
    select distinct on ({{ property_word('source_value') }})
        {{ property_word('source_value') }} as word,
        unified_value as meaning
    from {{ ref('property_vocabulary') }}
    where source = '{{ source }}' and kind = '{{ kind }}'
    order by {{ property_word('source_value') }}
{%- endmacro %}

{# How words are compared. #}
{% macro property_word(text) -%}
    regexp_replace(lower(btrim({{ text }})), '[\s/_-]+', ' ', 'g')
{%- endmacro %}


{#
    Who is about to move into or out of each unit, from the gateway's residents: rows (site_id, snapshot_date, unit_id,
    has_incoming, has_notice). `Future Lease` is a renewal, a plain `Applicant` has no lease: neither is incoming.
#}
{% macro rpx_people(residents) -%}
    select
        site_id,
        snapshot_date,
        unit_id,
        bool_or(lease_status = 'Applicant - Lease Signed') as has_incoming,
        bool_or(
            lease_status = 'Current'
            and (notice_for_date is not null or coalesce(lease_type, '') like 'Notice given%')
        ) as has_notice
    from {{ residents }}
    where is_head_of_household and unit_id is not null
    group by site_id, snapshot_date, unit_id
{%- endmacro %}


{# The state of a unit of the gateway: `unit` is an alias with realpage_units' columns, `people` one of `rpx_people`. #}
{% macro rpx_unit_state(unit, people) -%}
    case
        when {{ unit }}.is_deleted or not {{ unit }}.counts_in_occupancy or {{ unit }}.rentable_sqft = 0 then 'X'
        when not {{ unit }}.vacant then
            case
                when {{ unit }}.on_notice_for_date is null and not coalesce({{ people }}.has_notice, false) then 'O'
                when {{ people }}.has_incoming then 'OL'
                else 'ON'
            end
        when {{ unit }}.reason_not_available ilike '%down%' then 'VD'
        when {{ unit }}.reason_not_available <> '' then 'VM'
        when {{ people }}.has_incoming or {{ unit }}.expected_move_in_date >= {{ unit }}.snapshot_date then 'VL'
        when {{ unit }}.vacant then 'VU'
    end
{%- endmacro %}


{# Counted units by state as columns, out of rows with a `state`. #}
{% macro state_counts() -%}
    count(*) filter (where state <> 'X') as total_units,
    count(*) filter (where state in ('O', 'ON', 'OL')) as occupied_units,
    count(*) filter (where state in ('VU', 'VL', 'VM', 'VD')) as vacant_units,
    count(*) filter (where state = 'VU') as vacant_unleased,
    count(*) filter (where state = 'VL') as preleased_vacant,
    count(*) filter (where state in ('ON', 'OL')) as notice_units,
    count(*) filter (where state = 'OL') as notice_leased_units,
    count(*) filter (where state = 'VM') as model_units,
    count(*) filter (where state = 'VD') as down_units
{%- endmacro %}


{#
    Who leaves and who comes within 30 and 60 days of a snapshot: rows (unified_property_id, snapshot_date, notices_30,
    notices_60, move_ins_30, move_ins_60, undated_notices). A notice that is overdue counts, one without a date does
    not; where notices are given and none has a date, nothing can be said.
#}
{% macro unit_flows() -%}
    select
        unified_property_id,
        snapshot_date,
        {% for days in (30, 60) %}
        case
            when count(*) filter (where state in ('ON', 'OL')) = 0 or count(on_notice_date) > 0
                then count(*) filter (where state in ('ON', 'OL') and on_notice_date - snapshot_date <= {{ days }})
        end as notices_{{ days }},
        count(*) filter (where scheduled_move_in_date - snapshot_date between 0 and {{ days }}) as move_ins_{{ days }},
        {% endfor %}
        count(*) filter (where state in ('ON', 'OL') and on_notice_date is null) as undated_notices
    from {{ ref('unified_units') }}
    group by unified_property_id, snapshot_date
{%- endmacro %}


{# Whose account it is, by how that person stands: current and notice live there, former ones are for collection. #}
{% macro account_status(meaning) -%}
    case
        when {{ meaning }} in ('current', 'eviction') then 'current'
        when {{ meaning }} in ('applicant', 'future', 'waitlist') then 'applicant'
        when {{ meaning }} = 'past' then 'former'
        when {{ meaning }} in ('denied', 'canceled') then 'former_applicant'
        when {{ meaning }} = 'miscellaneous' then 'misc'
        else {{ meaning }}
    end
{%- endmacro %}
