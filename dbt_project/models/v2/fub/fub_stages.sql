{{ v2_overlay(
    'fub_stages',
    natural_key=fub_key('fub_stage_id'),
    updated_at='null::timestamptz',
    parents={'fub_accounts': 'fub_accounts'},
    lookups=dict(
        fub_lookups([]),
        told=told_by_v1(
            "doc.fub_account_id || '/' || doc.fub_stage_id", ['name', 'order_weight', 'is_protected', 'people_count']
        )
    ),
    live={
        'fub': {
            'rows': source('staging_fub', 'stages'),
            'key': fub_live_key('doc.fub_stage_id'),
            'updated_at': told_otherwise({
                'name': 'doc.name',
                'order_weight': 'doc.order_weight',
                'is_protected': 'doc.is_protected',
                'people_count': 'doc.people_count'
            }),
            'joins': fub_joins() ~ '
            left join told on told.natural_key = ' ~ fub_live_key('doc.fub_stage_id'),
            'computed': {
                'created_at': 'null::timestamptz', 'fub_account_id': 'fub_account.id', 'active': 'doc.deleted_at is null'
            }
        }
    }
) }}
