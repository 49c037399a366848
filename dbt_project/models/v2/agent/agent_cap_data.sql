{% set start = last_anniversary('doc.cap_year_start', as_of()) %}
{% set next_start = business_day('doc.next_anniversary') %}

{# V1's next anniversary ends the cap year, unless it has passed since V1 wrote it. #}
{{ v2_entity(
    'agent',
    parents={'agent': 'agent'},
    computed={
        'id': surrogate(['doc.agent_id', start]),
        'cap_year_start': start,
        'cap_year_end': "case
            when " ~ next_start ~ " <= " ~ start ~ " or " ~ next_start ~ " is null
                then (" ~ start ~ " + interval '1 year')::date - 1
            else " ~ next_start ~ " - 1
        end",
        'brokerage_cap_remaining': "case
            when doc.brokerage_cap >= doc.brokerage_cap_paid then doc.brokerage_cap - doc.brokerage_cap_paid
            when doc.brokerage_cap < doc.brokerage_cap_paid then 0
        end"
    }
) }}
