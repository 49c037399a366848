select
    fub_account_id,
    agent_id,
    month,
    calls_made,
    calls_received,
    calls_connected,
    talk_seconds,
    texts_sent,
    texts_received,
    appointments_set,
    appointments_held,
    events,
    new_leads
from {{ ref('agg_fub_activity') }}
