{#
    FUB keeps a closed deal Active: what is won shows by its stage. A deal states no moment of change, so a deal that
    tells something else than V1's is the newer one.
#}
{% set closing_stages %}
    select
        landed.account,
        (stage.value ->> 'id')::bigint as stage_id
    from {{ source('staging_fub', 'pipelines') }} as landed
    cross join {{ array_elements("landed.payload -> 'stages'") }} as stage
    where stage.value -> 'closedStage' = 'true'
    group by landed.account, stage.value ->> 'id'
{% endset %}

{{ v2_overlay(
    'fub_deals',
    natural_key=fub_key('fub_deal_id', 'fub_account_id_raw'),
    updated_at='null::timestamptz',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_people': 'fub_people', 'fub_users': 'fub_users', 'user': 'user',
        'team': 'team'
    },
    lookups=dict(
        fub_lookups(['fub_users', 'fub_people']),
        closing_stages=closing_stages,
        told=told_by_v1("doc.fub_account_id || '/' || doc.fub_deal_id", [
            'deal_name', 'price', 'projected_close_date', 'pipeline_id', 'stage_id', 'commission_value',
            'agent_commission', 'team_commission', 'status'
        ])
    ),
    live={
        'fub': {
            'rows': source('staging_fub', 'deals'),
            'key': fub_live_key('doc.fub_deal_id'),
            'updated_at': told_otherwise({
                'deal_name': 'doc.deal_name',
                'price': 'doc.price',
                'projected_close_date': 'doc.projected_close_date',
                'pipeline_id': 'doc.pipeline_id',
                'stage_id': 'doc.stage_id',
                'commission_value': 'doc.commission_value',
                'agent_commission': 'doc.agent_commission',
                'team_commission': 'doc.team_commission',
                'status': "case when doc.told_status in ('Archived', 'Deleted') then doc.told_status else told.status end"
            }, blanks={'price': 0, 'commission_value': 0, 'agent_commission': 0, 'team_commission': 0}),
            'helpers': [
                helper_column('told_status', 'text', 'status'),
                helper_column('first_person', 'bigint', 'people.0.id'),
                helper_column('second_person', 'bigint', 'people.1.id'),
                helper_column('first_user', 'bigint', 'users.0.id'),
                helper_column('second_user', 'bigint', 'users.1.id')
            ],
            'joins': fub_joins({
                'person': ['fub_people', 'doc.first_person'], 'further_person': ['fub_people', 'doc.second_person'],
                'worker': ['fub_users', 'doc.first_user'], 'further_worker': ['fub_users', 'doc.second_user']
            }) ~ '
            left join closing_stages
                on closing_stages.account = doc.account and closing_stages.stage_id = doc.stage_id
            left join told on told.natural_key = ' ~ fub_live_key('doc.fub_deal_id'),
            'computed': dict(
                fub_account_columns('ad_deal_id', 'doc.fub_deal_id'),
                updated_at='greatest(doc.entered_stage_at, doc.fub_created_at)',
                status="case
                    when doc.told_status = 'Active' and closing_stages.stage_id is not null then 'Won'
                    else doc.told_status
                end",
                primary_person_id='person.id',
                secondary_person_id='further_person.id',
                primary_fub_user_id='worker.id',
                secondary_fub_user_id='further_worker.id',
                user_id='worker.user_id',
                team_id='worker.team_id'
            )
        }
    }
) }}
