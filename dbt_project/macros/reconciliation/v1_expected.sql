{#
    What computed columns should hold, as SQL over `doc`, where that is too long for the YAML. Written from the rule
    (docs/how_deals_are_credited.md and the column's description), not from the macros in macros/v2: neither may
    vouch for itself.
#}

{# A document's text under the first of these keys that says something, as bare words in capitals. #}
{% macro v1_words(keys) -%}
    upper(btrim(regexp_replace(coalesce(
        {%- for key in keys %}{{ v1_raw(key) }}{{ ', ' if not loop.last }}{% endfor -%}
    ), '[^A-Za-z]+', ' ', 'g')))
{%- endmacro %}

{% macro v1_flag(key) -%}
    coalesce(lower({{ v1_raw(key) }}) = 'true', false)
{%- endmacro %}


{% macro v1_deal_status() -%}
    (
        select coalesce(
            case when {{ v1_flag('archived') }} then 'Archived' end,
            case when stage.words like 'CANCEL%' then 'Canceled' end,
            case when {{ v1_flag('terminated') }} then 'Terminated' end,
            case when stage.words = 'TERMINATED' then 'Terminated' end,
            case when {{ v1_flag('closed') }} then 'Closed' end,
            ('{"CLOSED": "Closed", "SETTLED": "Closed", "PENDING": "Pending", "UNDER CONTRACT": "Pending",
               "APPROVED": "Active", "ACTIVE": "Active", "LISTED": "Listed", "ARCHIVED": "Archived"}'::jsonb ->> stage.words),
            case when {{ v1_epoch(v1_raw('contractAcceptanceDate')) }} is null then 'Listed' else 'Pending' end
        )
        from (select {{ v1_words(['stage', 'status']) }} as words) as stage
    )
{%- endmacro %}


{% macro v1_deal_type() -%}
    replace(initcap({{ v1_words(['transactionType', 'type']) }}), 'Residential ', '')
{%- endmacro %}


{% macro v1_listing_status() -%}
    (
        select case
            when {{ v1_flag('terminated') }} then 'Terminated'
            when {{ v1_flag('closed') }} then 'Closed'
            else coalesce('{"CANCELED": "Terminated", "CANCELLED": "Terminated", "TERMINATED": "Terminated", "EXPIRED": "Terminated",
                "WITHDRAWN": "Terminated", "UNDER CONTRACT": "Pending", "PENDING": "Pending", "SOLD": "Closed", "CLOSED": "Closed"
            }'::jsonb ->> stage.words, 'Active')
        end
        from (select {{ v1_words(['stage', 'status']) }} as words) as stage
    )
{%- endmacro %}

{% macro v1_listing_entry_status() -%}
    coalesce({{ v1_raw('history.*.status') }}, {{ v1_listing_status() }})
{%- endmacro %}

{% macro v1_days_on_market() -%}
    coalesce(
        {{ v1_cast({'type': 'integer', 'rule': 'direct'}, v1_raw('days_on_market'), 'days_on_market') }},
        {{ v1_moment_of(['closedAt'], 'date') }} - {{ v1_moment_of(['listingDate', 'list_date'], 'date') }}
    )
{%- endmacro %}


{# The moment or day a document names under the first of these keys that holds one. #}
{% macro v1_moment_of(keys, type='timestamptz') -%}
    coalesce(
        {%- for key in keys %}
        {{ v1_cast({'type': type, 'rule': 'moment'}, v1_raw(key), key) }}{{ ',' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}


{# The deal a contribution names; one that dangles is told, and taken out only in V2. #}
{% macro v1_contribution_deal() -%}
    coalesce((doc ->> 'expected_deal')::bigint, {{ v1_number('transaction_id', 'doc') }})
{%- endmacro %}
