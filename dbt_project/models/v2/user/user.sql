{{ v2_entity(
    'user',
    parents={'agent': 'agent', 'team': 'team', 'brokerage': 'brokerage'},
    computed={'full_name': "coalesce(doc.full_name, nullif(concat_ws(' ', doc.first_name, doc.last_name), ''))"}
) }}
