-- Report 4156 says what becomes of leases that 3838 lists; a lease that only 4156 has is a row of its own.
{% set same_lease = "(partition by property_id, report_date, unit_number, lease_end)" %}
{{ raw_table(
    'realpage_lease_expirations',
    also=[
        helper_column('kind', 'text', 'kind'),
        helper_column('section', 'text', 'Section'),
        helper_column('term', 'text', 'Term')
    ],
    windows={
        'decision': 'max(renewal_status) over ' ~ same_lease,
        'is_listed': "bool_or(kind = 'lease') over " ~ same_lease
    },
    where="doc.kind = 'lease' or not doc.is_listed",
    computed={
        'term_months': "substring(doc.term from '^[0-9]{1,4}$')",
        'lease_term': "substring(doc.term from '^[0-9]{1,4}$')",
        'is_month_to_month': "coalesce(upper(doc.term) = 'MTM', false) or coalesce(upper(doc.section) = 'MTM', false)",
        'months_until_expiration': 'extract(year from age(doc.lease_end, doc.report_date)) * 12'
            ~ ' + extract(month from age(doc.lease_end, doc.report_date))',
        'renewal_status': 'doc.decision'
    }
) }}
