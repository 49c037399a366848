-- date_sold and date_completed are nowhere in JobNimbus: they are when the job first came to a status that says so.
{{ jobnimbus_entity(
    'job',
    lookups={
        'homeowners': "select jnid, is_test from " ~ ref('contacts'),
        'users': "select jnid, is_test from " ~ ref('sales_reps'),
        'statuses': "select * from " ~ ref('workflow_status_lookup'),
        'history': "select job_id, min(changed_at) filter (where is_won) as date_sold,"
            ~ " min(changed_at) filter (where is_closed and not is_lost) as date_completed"
            ~ " from " ~ ref('job_status_history') ~ " group by job_id"
    },
    joins="left join homeowners on homeowners.jnid = " ~ homeowner_of('doc.payload') ~ "
    left join users on users.jnid = doc.sales_rep_id_raw
    left join statuses on statuses.record_type_name = doc.record_type_name and statuses.status_name = doc.status_name
    left join history on history.job_id = doc.key",
    computed={
        'contact_id': 'homeowners.jnid',
        'contact_id_raw': homeowner_of('doc.payload'),
        'sales_rep_id': 'users.jnid',
        'stage': "coalesce(statuses.stage, 'Unmapped')",
        'is_won': 'statuses.is_won',
        'is_lost': 'statuses.is_lost',
        'is_closed': 'statuses.is_closed',
        'date_sold': 'history.date_sold',
        'date_completed': 'history.date_completed',
        'latitude': 'case when (doc.latitude, doc.longitude) <> (0, 0) then doc.latitude end',
        'longitude': 'case when (doc.latitude, doc.longitude) <> (0, 0) then doc.longitude end',
        'is_test': '(coalesce(homeowners.is_test, false) or coalesce(users.is_test, false)'
            ~ ' or ' ~ is_test_name('doc.name')
            ~ ' or ' ~ is_test_name("doc.payload #>> '{primary,name}'")
            ~ ' or ' ~ is_test_name('doc.sales_rep_name')
            ~ ' or ' ~ is_test_type('doc.record_type_name')
            ~ ')',
        'is_deleted': is_deleted(),
        'raw': 'doc.payload'
    }
) }}
