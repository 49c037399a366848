{{ raw_table(
    'yardi_properties',
    lookups={'newest': "select property_code, max(key) as key from doc group by property_code"},
    joins='inner join newest on newest.key = doc.key and newest.property_code = doc.property_code'
) }}
