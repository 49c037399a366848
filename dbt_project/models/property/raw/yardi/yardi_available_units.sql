{{ raw_table(
    'yardi_available_units',
    computed={
        'unit_code': named_first(
            'doc.payload', '$.Units.Unit[0].Identification', '@OrganizationName', 'Unit', '@IDValue'
        ),
        'deposit': '(select max(' ~ raw_number("told.value #>> '{}'") ~ ') from '
            ~ array_elements("doc.payload -> 'Deposit'") ~ ' as told)',
        'amenities': "doc.payload -> 'Amenity'"
    }
) }}
