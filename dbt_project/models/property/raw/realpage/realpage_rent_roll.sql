-- The flat report has no column for the rent: the charge codes say it.
{{ raw_table(
    'realpage_rent_roll',
    joins="left join lateral (" ~ flat_charges('doc.payload', 'doc.property_id') ~ ") as flat on true",
    computed={
        'is_unit_row': "doc.payload ->> 'kind' = 'unit'",
        'actual_rent': 'coalesce(doc.actual_rent, flat.rent)',
        'other_charges': 'coalesce(doc.other_charges, flat.other)',
        'total_charges': 'coalesce(doc.total_charges, coalesce(flat.rent, 0) + flat.other, flat.rent)'
    }
) }}
