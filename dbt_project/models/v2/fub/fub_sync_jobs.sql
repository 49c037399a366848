{#
    Besides the old importer's jobs one row an account that the connector reads: how its last attempt at each kind of
    record went.
#}
{% set steps = ['appointments', 'calls', 'deals', 'events', 'people', 'text_messages'] %}
{% set read %}
    select
        account,
        account as key,
        null::jsonb as request,
        jsonb_object_agg(resource, to_jsonb(state)) as payload,
        null::timestamptz as deleted_at
    from {{ source('staging_fub', 'sync_state') }} as state
    group by account
{% endset %}
{% set helpers, computed = [], {} %}
{% for step in steps %}
    {% do helpers.extend([
        helper_column(step ~ '_state', 'text', step ~ '.status'),
        helper_column(step ~ '_attempt', 'timestamptz', step ~ '.last_attempt_at', 'iso'),
        helper_column(step ~ '_success', 'timestamptz', step ~ '.last_success_at', 'iso')
    ]) %}
    {% do computed.update({
        step ~ '_status':
            'case doc.' ~ step ~ "_state when 'ready' then 'COMPLETED' when 'error' then 'ERROR' else 'PENDING' end",
        step ~ '_last_started_at': 'doc.' ~ step ~ '_attempt',
        step ~ '_last_finished_at':
            'case doc.' ~ step ~ "_state when 'ready' then doc." ~ step ~ '_success else doc.' ~ step ~ '_attempt end'
    }) %}
{% endfor %}

{{ v2_overlay(
    'fub_sync_jobs',
    natural_key='null',
    updated_at='null::timestamptz',
    parents={'fub_accounts': 'fub_accounts', 'user': 'user'},
    lookups=fub_lookups([]),
    live={
        'fub': {
            'rows': '(' ~ read ~ ')',
            'key': 'doc.key',
            'updated_at': 'null::timestamptz',
            'helpers': helpers,
            'joins': 'left join fub_account on fub_account.account = doc.account
            left join ' ~ ref('fub_accounts') ~ ' as own on own.id = fub_account.id',
            'computed': dict(
                computed,
                created_at="(
                    select min((step.value ->> 'first_attempt_at')::timestamptz)
                    from " ~ object_fields('doc.payload') ~ " as step
                )",
                user_id='own.user_id',
                fub_account_id='fub_account.id',
                type="'Sync'",
                active='false',
                error_list="(
                    select jsonb_agg(
                        jsonb_build_object('endpoint', step.key, 'error', step.value ->> 'error') order by step.key
                    )
                    from " ~ object_fields('doc.payload') ~ " as step
                    where step.value ->> 'status' = 'error'
                )"
            )
        }
    }
) }}
