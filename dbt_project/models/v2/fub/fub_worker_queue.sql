with accounts as (
    {{ fub_account_lookup() }}
),

queue as (
    {{ extract_live(source('staging_fub', 'text_queue'), [
        helper_column('status', 'text', 'status'),
        helper_column('queued_at', 'timestamptz', 'queued_at', 'iso'),
        helper_column('picked_up_at', 'timestamptz', 'picked_up_at', 'iso'),
        helper_column('finished_at', 'timestamptz', 'finished_at', 'iso'),
        helper_column('attempts', 'integer', 'attempts'),
        helper_column('error', 'text', 'error')
    ]) }}
)

select
    {{ live_id('fub_worker_queue', "concat_ws('/', queue.account, queue.key)") }} as id,
    queue.queued_at as created_at,
    'people'::text as cron_name,
    queue.status as process_status,
    'textMessages'::text as endpoint_type,
    jsonb_build_object('account', queue.account, 'personId', queue.payload -> 'person_id') as worker_input,
    queue.picked_up_at as pickup_at,
    queue.finished_at as finish_at,
    null::bigint as user_id,
    own.user_id as ad_user_id,
    null::bigint as fub_user_id,
    queue.attempts,
    queue.error as error_message
from queue
left join accounts on accounts.account = queue.account
left join {{ ref('fub_accounts') }} as own on own.id = accounts.id
