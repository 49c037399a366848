{{ raw_table(
    'yardi_units',
    joins="cross join lateral (select " ~ element_text("doc.payload -> 'UnitID'") ~ " as unit_code) as codes
    left join " ~ ref('yardi_available_units') ~ " as offered
        on offered.property_code = doc.property_code and offered.snapshot_date = doc.snapshot_date
        and offered.unit_code = codes.unit_code",
    computed={
        'unit_code': 'codes.unit_code',
        'tenant_code': named_first('doc.payload', '$.PersonID', '@Type', 'Current Resident', '#text'),
        'lease_desc': named_first('doc.payload', '$.Unit.Identification', '@IDType', 'LeaseDesc', '@IDValue'),
        'rental_type': named_first('doc.payload', '$.Unit.Identification', '@IDType', 'RentalType', '@IDValue'),
        'make_ready_date': 'offered.available_date',
        'excluded_from_occupancy': "coalesce(codes.unit_code ~* '^(WAIT|NONRESID|RETAIL)', false)"
            ~ " or coalesce(doc.unit_status ~* '^wait', false)"
    }
) }}
