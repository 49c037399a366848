{% set month = "date_trunc('month', activity.day)::date" %}

with activity as (
    select
        fub_account_id,
        agent_id,
        {{ business_day('fub_created_at') }} as day,
        case when is_incoming then 'calls_received' else 'calls_made' end as kind,
        is_connected::integer as connected,
        duration as talk_seconds
    from {{ ref('fub_calls') }}
    union all
    select
        fub_account_id,
        agent_id,
        {{ business_day('sent_at') }},
        case when is_incoming then 'texts_received' else 'texts_sent' end,
        null,
        null
    from {{ ref('fub_text_messages') }}
    union all
    select
        appointments.fub_account_id,
        authors.agent_id,
        {{ business_day('appointments.start_at') }},
        'appointments_set',
        null,
        null
    from {{ ref('fub_appointments') }} as appointments
    left join {{ ref('fub_users') }} as authors on authors.id = appointments.created_by_fub_users_id
    union all
    select
        fub_account_id,
        agent_id,
        {{ business_day('start_at') }},
        'appointments_held',
        null,
        null
    from {{ ref('fub_appointments') }}
    where is_held
    union all
    select
        fub_account_id,
        agent_id,
        {{ business_day('occurred_at') }},
        'events',
        null,
        null
    from {{ ref('fub_events') }}
    union all
    select
        fub_account_id,
        agent_id,
        {{ business_day('fub_created_at') }},
        'new_leads',
        null,
        null
    from {{ ref('fub_people') }}
)

select
    fub_account_id,
    agent_id,
    {{ month }} as month,
    count(*) filter (where kind = 'calls_made') as calls_made,
    count(*) filter (where kind = 'calls_received') as calls_received,
    coalesce(sum(connected), 0) as calls_connected,
    -- No call: no seconds. Calls of which none says how long it was: unknown.
    case
        when count(*) filter (where kind in ('calls_made', 'calls_received')) = 0 then 0
        else sum(talk_seconds)
    end as talk_seconds,
    count(*) filter (where kind = 'texts_sent') as texts_sent,
    count(*) filter (where kind = 'texts_received') as texts_received,
    count(*) filter (where kind = 'appointments_set') as appointments_set,
    count(*) filter (where kind = 'appointments_held') as appointments_held,
    count(*) filter (where kind = 'events') as events,
    count(*) filter (where kind = 'new_leads') as new_leads
from activity
where day <= {{ as_of() }}
group by fub_account_id, agent_id, {{ month }}
