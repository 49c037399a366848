{#
    A call names a deal or a listing and says nothing else, so replaying it means reading that object anew; in which order
    does not matter, and a later sync cannot disagree. A call that V1 left unhandled is handled when the object has landed
    as it was at the call or later: its own last change is no older, or an account that has it was read again since.
#}
{% set landed_objects %}
    select
        objects.type,
        objects.uuid,
        max(objects.changed_at) as changed_at,
        max(state.last_success_at) as read_at
    from (
        select 'TRANSACTION' as type, key as uuid, account, changed_at, 'transactions' as resource
        from ({{ extract_live(source('staging_rezen', 'stage_transactions_rezen_onboarding'),
            [helper_column('changed_at', 'timestamptz', 'updatedAt', 'epoch_ms')]) }}) as deals
        union all
        select 'LISTING', key, account, changed_at, 'listings'
        from ({{ extract_live(source('staging_rezen', 'stage_listings_rezen_onboarding'),
            [helper_column('changed_at', 'timestamptz', 'updatedAt', 'epoch_ms')]) }}) as listings
    ) as objects
    left join {{ source('staging_rezen', 'sync_state') }} as state
        on state.account = objects.account and state.resource = objects.resource
    group by objects.type, objects.uuid
{% endset %}

{{ v2_entity(
    'rezen_process_webhook',
    parents={'user': 'user'},
    lookups={'landed_objects': landed_objects},
    joins="left join landed_objects on landed_objects.uuid = doc.object_id_raw and landed_objects.type = upper(doc.type)
        and not doc.processed
        and (landed_objects.changed_at >= date_trunc('second', doc.created_at) or landed_objects.read_at >= doc.created_at)",
    computed={
        'processed': 'doc.processed or landed_objects.uuid is not null',
        'processed_at': 'case
            when landed_objects.uuid is null then doc.processed_at else greatest(doc.created_at, landed_objects.changed_at)
        end',
        '_source': "case when landed_objects.uuid is null then 'v1' else 'rezen' end"
    }
) }}
