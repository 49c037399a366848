{#
    A loop's figures stand in its details: labels that people read, values that people wrote. The labels read here are
    dotloop's own; those a company made itself stay in `details`.
#}
{% set place = 'details.Property Address.' %}

{{ v2_live(
    lookups={
        'profiles': ids_by(ref('dotloop_profiles'), 'dotloop_profile_id'),
        'deals': ids_by(ref('transaction'), 'transaction_id_raw')
    },
    live={
        'dotloop': {
            'rows': source('staging_dotloop', 'dotloop_staging'),
            'key': 'doc.key',
            'updated_at': 'doc.loop_updated_at',
            'helpers': [
                helper_column('profile_number', 'bigint', ['_request.profile_id', 'profileId']),
                helper_column('told_name', 'text', 'name'),
                helper_column('price', 'text', 'details.Financials.Purchase/Sale Price'),
                helper_column('commission_total', 'text', 'details.Financials.Sale Commission Total'),
                helper_column('closing', 'text', 'details.Contract Dates.Closing Date'),
                helper_column('number', 'text', place ~ 'Street Number'),
                helper_column('street', 'text', place ~ 'Street Name'),
                helper_column('unit', 'text', place ~ 'Unit Number'),
                helper_column('city', 'text', place ~ 'City'),
                helper_column('state', 'text', place ~ 'State/Prov'),
                helper_column('zip', 'text', place ~ 'Zip/Postal Code')
            ],
            'joins': "inner join profiles on profiles.natural_key = doc.profile_number
            left join deals as by_guid on by_guid.natural_key = doc.loop_guid
            left join deals as by_number on by_number.natural_key = 'dotloop-' || doc.dotloop_loop_id",
            'computed': {
                'dotloop_profile_id': 'profiles.id',
                'name': 'coalesce(doc.told_name, doc.dotloop_loop_id::text)',
                'sale_price': written_amount('doc.price'),
                'commission': written_amount('doc.commission_total'),
                'closing_date': written_day('doc.closing'),
                'address': "nullif(concat_ws(
                    ', ',
                    nullif(concat_ws(' ', doc.number, doc.street, doc.unit), ''),
                    doc.city,
                    nullif(concat_ws(' ', doc.state, doc.zip), '')
                ), '')",
                'transaction_id': 'coalesce(by_guid.id, by_number.id)'
            }
        }
    }
) }}
