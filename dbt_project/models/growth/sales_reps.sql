{{ jobnimbus_entity('user', computed={
    'name': "nullif(concat_ws(' ', doc.first_name, doc.last_name), '')",
    'is_test': is_test_name("concat_ws(' ', doc.first_name, doc.last_name)"),
    'is_deleted': 'doc.deleted_at is not null',
    'raw': 'doc.payload'
}) }}
