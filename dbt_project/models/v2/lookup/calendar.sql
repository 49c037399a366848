{# The week is counted anew, as ISO weeks: V1's may be another. #}
{{ v2_entity(
    'calendar',
    computed={
        'iso_week': 'extract(week from doc.date)',
        'iso_year': 'extract(isoyear from doc.date)',
        'week_start': 'doc.date - extract(isodow from doc.date)::integer + 1'
    }
) }}
