{{ raw_table(
    'yardi_leases',
    joins="left join " ~ ref('yardi_residents') ~ " as residents
        on residents.property_code = doc.property_code and residents.snapshot_date = doc.snapshot_date
        and residents.tenant_code = doc.tenant_code",
    computed={
        'is_rent': is_rent_code('doc.charge_code', 'doc.property_code'),
        'lease_from_date': 'residents.lease_from_date',
        'lease_to_date': 'residents.lease_to_date',
        'total_charges': 'sum(doc.charge_amount) over'
            ~ ' (partition by doc.property_code, doc.snapshot_date, doc.tenant_code)'
    }
) }}
