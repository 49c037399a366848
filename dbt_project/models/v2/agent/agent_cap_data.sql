{# The cap year starts on the last anniversary on or before as_of: this calendar year's, or the one before. #}
{% set this_year = "(doc.cap_year_start + make_interval(years =>
    (extract(year from " ~ as_of() ~ ") - extract(year from doc.cap_year_start))::integer))::date" %}
{% set start = "case when " ~ this_year ~ " <= " ~ as_of() ~ " then " ~ this_year ~ " else (doc.cap_year_start
    + make_interval(years => (extract(year from " ~ as_of() ~ ") - extract(year from doc.cap_year_start))::integer - 1))::date end" %}

{{ v2_entity(
    'agent',
    parents={'agent': 'agent'},
    computed={
        'id': surrogate(['doc.agent_id', start]),
        'cap_year_start': start,
        'cap_year_end': "coalesce(" ~ business_day('doc.next_anniversary') ~ " - 1, (" ~ start ~ " + interval '1 year')::date - 1)",
        'brokerage_cap_remaining': "case when doc.brokerage_cap >= doc.brokerage_cap_paid then doc.brokerage_cap - doc.brokerage_cap_paid
            when doc.brokerage_cap < doc.brokerage_cap_paid then 0 end"
    }
) }}
