{{ raw_table(
    'realpage_units',
    lookups={
        'people': rpx_people(ref('realpage_residents')),
        'zones': property_zones('realpage')
    },
    joins="left join people on people.site_id = doc.site_id and people.snapshot_date = doc.snapshot_date
        and people.unit_id = doc.unit_id
    left join zones on zones.code = doc.site_id",
    computed={
        'bedrooms': "case when doc.floorplan_name ~* '\\mstudio\\M' then 0 else"
            ~ " substring(lower(doc.floorplan_name) from '(?:^|[^0-9])([0-9]) ?(?:x ?[0-9]|br\\M|bed)')::integer end",
        'unit_status': rpx_unit_state('doc', 'people'),
        'made_ready_date': raw_moment('doc.made_ready_date', 'zones.timezone'),
        'exclude_from_occupancy': 'coalesce(doc.is_deleted, false) or not coalesce(doc.counts_in_occupancy, true)',
        'exclude_reason': 'case when doc.is_deleted or not doc.counts_in_occupancy then doc.reason_not_available end'
    }
) }}
