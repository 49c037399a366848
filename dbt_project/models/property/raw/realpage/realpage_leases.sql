{{ raw_table(
    'realpage_leases',
    computed={'lease_term_months': "substring(doc.lease_term_desc from '[0-9]{1,4}')"}
) }}
