{% set members = "jsonb_path_query_array(doc.payload, '$.users[*].id')" %}

{{ v2_overlay(
    'fub_groups',
    natural_key=fub_key('fub_group_id'),
    updated_at='null::timestamptz',
    parents={'fub_accounts': 'fub_accounts'},
    lookups=dict(
        fub_lookups([]),
        told=told_by_v1(
            "doc.fub_account_id || '/' || doc.fub_group_id", ['name', 'type', 'distribution', 'is_primary', 'users']
        )
    ),
    live={
        'fub': {
            'rows': source('staging_fub', 'groups'),
            'key': fub_live_key('doc.fub_group_id'),
            'updated_at': told_otherwise({
                'name': 'doc.name',
                'type': 'doc.type',
                'distribution': 'doc.distribution',
                'is_primary': 'doc.is_primary',
                'users': 'case when told.users @> ' ~ members ~ ' and told.users <@ ' ~ members
                    ~ ' then told.users else nullif(' ~ members ~ ", '[]') end"
            }),
            'joins': fub_joins() ~ '
            left join told on told.natural_key = ' ~ fub_live_key('doc.fub_group_id'),
            'computed': {
                'created_at': 'null::timestamptz',
                'fub_account_id': 'fub_account.id',
                'users': 'nullif(' ~ members ~ ", '[]')"
            }
        }
    }
) }}
