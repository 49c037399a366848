{#
    People on deals and listings of the live sources, which tell them inside the deal or listing.

    Belongs here: which landed elements are some, and what their document is. Does not belong here: which column holds
    what (the YAML of v2.participant).
#}

{# As `live` of v2_overlay: reZEN gives every participant an id, which V1 has too. #}
{% macro rezen_participants() %}
    {% set parts = [] %}
    {% for table, on_listing in {'stage_transactions_rezen_onboarding': 'false', 'stage_listings_rezen_onboarding': 'true'}.items() %}
        {% set part %}
            select
                landed.account,
                person.value ->> 'id' as key,
                jsonb_build_object(
                    'object_id', landed.key, 'changed_at', landed.payload -> 'updatedAt',
                    'address', landed.payload #> '{address,oneLine}', 'on_listing', {{ on_listing }}
                ) as request,
                person.value as payload,
                landed.deleted_at
            from {{ source('staging_rezen', table) }} as landed
            cross join {{ array_elements("landed.payload -> 'participants'") }} as person (value)
            where jsonb_typeof(person.value) = 'object'
        {% endset %}
        {% do parts.append(part) %}
    {% endfor %}
    {{ return({
        'rows': '(' ~ parts | join(' union all ') ~ ')',
        'key': 'doc.key',
        'updated_at': 'doc.changed_at',
        'helpers': [
            helper_column('changed_at', 'timestamptz', ['updatedAt', '_request.changed_at'], 'epoch_ms'),
            helper_column('object_id', 'text', '_request.object_id'),
            helper_column('on_listing', 'boolean', '_request.on_listing'),
            helper_column('agent_uuid', 'text', ['yentaUserId', 'yentaId']),
            helper_column('own_name', 'text', 'fullName')
        ]
    }) }}
{% endmacro %}


{#
    SkySlope's contacts are told only of sales V1 does not have: V1 has taken over the people of the others under keys of
    its own.
#}
{% macro skyslope_participants() %}
    {% set rows %}
        (
            select
                landed.account,
                landed.key || '/' || side.role || '/' || coalesce(nullif(person.value ->> 'contactGuid', ''), person.seq::text) as key,
                jsonb_build_object('object_id', landed.key, 'changed_at', landed.payload -> 'modifiedOn', 'role', side.role) as request,
                person.value as payload,
                landed.deleted_at
            from {{ source('staging_skyslope', 'stage_transactions_skyslope') }} as landed
            cross join (values ('buyers', 'BUYER'), ('sellers', 'SELLER')) as side (field, role)
            cross join {{ array_elements('landed.payload -> side.field') }} with ordinality as person (value, seq)
            where jsonb_typeof(person.value) = 'object' and landed.key not in (select uuid from deals_of_v1)
        )
    {% endset %}
    {{ return({
        'rows': rows,
        'key': 'doc.key',
        'updated_at': 'doc.changed_at',
        'helpers': [
            helper_column('changed_at', 'timestamptz', '_request.changed_at', 'iso'),
            helper_column('object_id', 'text', '_request.object_id'),
            helper_column('number', 'text', 'streetNumber'),
            helper_column('street', 'text', 'streetName')
        ]
    }) }}
{% endmacro %}


{#
    Agents whom only live sources name on a deal, `(participant_id, transaction_id, agent_id, role, paid_by_real,
    commission_split)`: the part of v2.participant that transaction_participants needs before that table is built.
#}
{% macro live_agents_on_deals() %}
    {% set rezen = rezen_participants() %}
    select distinct on (doc.key)
        {{ live_id('participant', 'doc.key') }} as participant_id,
        deals.id as transaction_id,
        agents.id as agent_id,
        agents.user_id,
        doc.role,
        doc.paid_by_real,
        doc.commission_split
    from (
        {{ extract_live(rezen.rows, rezen.helpers + [
            helper_column('role', 'text', ['participantRole', 'role']),
            helper_column('paid_by_real', 'boolean', ['paidByReal', 'paidbyReal']),
            helper_column('commission_split', 'numeric(9,6)', 'payment.percent', 'percent')
        ]) }}
    ) as doc
    inner join {{ ref('transaction') }} as deals on deals.transaction_id_raw = doc.object_id
    inner join {{ ref('agent') }} as agents on agents.agent_id_raw = doc.agent_uuid
    where not doc.on_listing and doc.key not in (select uuid from participants_of_v1)
    order by doc.key, doc.changed_at desc nulls last, doc.deleted_at is not null, doc.account, deals.id, agents.id
{% endmacro %}


{# The UUIDs of V1's participants. #}
{% macro uuids_of_v1_participants() %}
    select btrim(payload ->> 'participant_id') as uuid
    from {{ source('staging_v1', 'participant') }}
    where btrim(payload ->> 'participant_id') <> ''
{% endmacro %}
