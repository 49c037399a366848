{% set steps = ref('user_onboarding_steps') %}
{{ v2_entity(
    'user',
    parents={'user': 'user'},
    computed={
        'status': "case upper(coalesce(doc.status, ''))
            when '' then 'Pending'
            when 'NEW' then 'Pending'
            when 'IN_PROGRESS' then 'Started'
            when 'COMPLETED' then 'Complete'
            else initcap(doc.status)
        end",
        'total_steps': "select count(*) from " ~ steps
    }
) }}
