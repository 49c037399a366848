{{ jobnimbus_entity(
    'contact',
    lookups={'users': "select jnid from " ~ ref('sales_reps')},
    joins='left join users on users.jnid = doc.sales_rep_id_raw',
    computed={
        'sales_rep_id': 'users.jnid',
        'is_test': '('
            ~ is_test_name('doc.display_name')
            ~ ' or ' ~ is_test_name("concat_ws(' ', doc.first_name, doc.last_name)")
            ~ ' or ' ~ is_test_type('doc.contact_type')
            ~ ')',
        'is_deleted': is_deleted(),
        'raw': 'doc.payload'
    }
) }}
