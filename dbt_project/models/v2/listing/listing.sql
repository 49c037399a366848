{#
    Extracted, V1's `status` is the stage or else the status as V1 spells it. What a live source's word means is in
    seeds/status_map.csv; a word it does not know counts like none, and the check known_statuses names it.
#}
{% set latest_deal %}
    select distinct on (listing_id)
        listing_id,
        id as transaction_id
    from {{ ref('transaction') }}
    where listing_id is not null
    order by listing_id, created_at desc nulls last, id desc
{% endset %}

{# What follows from the known meaning of a source's one word, `known`. #}
{% set by_word = {
    'status': "coalesce(known.v2_status, 'Active')",
    'closed': "coalesce(known.v2_status = 'Closed', false)",
    'terminated': "coalesce(known.v2_status = 'Terminated', false)"
} %}

{% set rezen_status = "coalesce(by_lifecycle.v2_status, by_status.v2_status)" %}
{% set rezen = live_spec(
    live_listings('rezen'),
    helpers=[
        helper_column('state_of_listing', 'text', ['lifecycleState.state', 'lifecycleState', 'transactionStatus']),
        helper_column('status_of_listing', 'text', 'status'),
        helper_column('kind', 'text', ['dealType', 'transactionType'], 'upper'),
        helper_column('is_closed', 'boolean', 'closed'),
        helper_column('is_terminated', 'boolean', 'terminated'),
        helper_column('state_name', 'text', 'address.state', 'upper'),
        helper_column('skyslope_closing', 'date', 'skySlopeActualClosingDate', 'day'),
        helper_column('closed_moment', 'timestamptz', 'closedAt', 'epoch_ms'),
        helper_column('closing_date_actual', 'date', 'closingDateActual', 'day'),
        helper_column('office_uuid', 'text', ['office.id', 'officeId'])
    ],
    joins=known_status('by_lifecycle', 'rezen', 'doc.state_of_listing') ~ known_status('by_status', 'rezen', 'doc.status_of_listing') ~ "
    left join agents_by_uuid on agents_by_uuid.natural_key = doc.owner_uuid
    left join teams_by_uuid on teams_by_uuid.natural_key = doc.team_id_raw
    left join offices_by_uuid on offices_by_uuid.natural_key = doc.office_uuid
    left join states on states.name = doc.state_name",
    computed={
        'updated_at': 'doc.changed_at',
        'listing_id_raw': 'doc.key',
        'status': "case
            when doc.is_terminated then 'Terminated'
            when doc.is_closed then 'Closed'
            else coalesce(" ~ rezen_status ~ ", 'Active')
        end",
        'listing_type': "case when doc.kind like '%LEASE%' or doc.kind like '%RENT%' then 'Lease' when doc.kind like '%SALE%' then 'Sale' end",
        'state': 'coalesce(states.abbreviation, doc.state_name)',
        'closed': "coalesce(doc.is_closed, " ~ rezen_status ~ " = 'Closed', false)",
        'terminated': "coalesce(doc.is_terminated, " ~ rezen_status ~ " = 'Terminated', false)",
        'closed_at': 'coalesce(doc.skyslope_closing, ' ~ business_day('doc.closed_moment') ~ ', doc.closing_date_actual)',
        'data_source': "'rezen'",
        'agent_id': 'agents_by_uuid.id',
        'transaction_owner_agent_id': 'agents_by_uuid.id',
        'team_id': 'teams_by_uuid.id',
        'office_id': 'offices_by_uuid.id',
        'user_id': account_id('user')
    }
) %}

{% set skyslope = live_spec(
    live_listings('skyslope'),
    helpers=[
        helper_column('status_of_file', 'text', 'status'),
        helper_column('kind', 'text', ['checklistType', 'type'], 'upper'),
        helper_column('number', 'text', 'property.streetNumber'),
        helper_column('direction', 'text', 'property.direction'),
        helper_column('street', 'text', 'property.streetAddress'),
        helper_column('unit', 'text', 'property.unit'),
        helper_column('state_name', 'text', 'property.state'),
        helper_column('agent_guid', 'text', ['agentGuid', 'agent.guid', 'agent.userGuid'], 'lower'),
        helper_column('agent_email', 'text', 'agent.email', 'lower')
    ],
    joins=known_status('known', 'skyslope', 'doc.status_of_file') ~ "
    left join skyslope_agents on skyslope_agents.guid = doc.agent_guid
    left join agents_by_email on agents_by_email.natural_key = doc.agent_email
    left join connections on connections.account = doc.account",
    computed=dict(by_word, **{
        'updated_at': 'doc.changed_at',
        'listing_id_raw': 'doc.key',
        'listing_type': "case when doc.kind like '%LEASE%' or doc.kind like '%RENT%' then 'Lease' end",
        'address': street_address(['doc.number', 'doc.direction', 'doc.street', 'doc.unit']),
        'state': 'doc.state_name',
        'data_source': "'skyslope'",
        'agent_id': 'coalesce(skyslope_agents.agent_id, agents_by_email.id)',
        'transaction_owner_agent_id': 'coalesce(skyslope_agents.agent_id, agents_by_email.id)',
        'user_id': 'connections.user_id'
    })
) %}

{% set csv = live_spec(
    live_listings('csv'),
    helpers=[
        helper_column('status_of_line', 'text', 'status'),
        helper_column('kind', 'text', 'listing_type', 'initcap'),
        helper_column('state_name', 'text', 'state'),
        helper_column('agent_email', 'text', 'agent_email', 'lower')
    ],
    joins=known_status('known', 'csv', 'doc.status_of_line') ~ "
    left join agents_by_email on agents_by_email.natural_key = doc.agent_email",
    computed=dict(by_word, **{
        'updated_at': csv_moment(),
        'listing_id_raw': csv_key(),
        'listing_type': 'doc.kind',
        'state': 'doc.state_name',
        'data_source': "'csv'",
        'agent_id': 'agents_by_email.id',
        'transaction_owner_agent_id': 'agents_by_email.id'
    })
) %}

{# Days on market as V1 stored them are those until V1 was read: a listing that closed since then has counted on. #}
{{ v2_overlay(
    'listing',
    natural_key='listing_id_raw',
    updated_at='greatest(doc.updated_at, doc.created_at)',
    parents={'agent': 'agent', 'team': 'team', 'office': 'office', 'user': 'user', 'transaction': 'transaction'},
    computed={
        'status': listing_status('doc.status', 'doc.closed', 'doc.terminated'),
        'days_on_market': 'coalesce(doc.days_on_market, doc.closed_at - doc.listing_date)'
    },
    lookups={
        'latest_deal': latest_deal,
        'statuses': status_lookup('listing'),
        'agents_by_uuid': ids_by(ref('agent'), 'agent_id_raw'),
        'agents_by_email': ids_by(ref('agent'), 'email'),
        'skyslope_agents': skyslope_agents(),
        'teams_by_uuid': ids_by(ref('team'), 'team_id_raw'),
        'offices_by_uuid': ids_by(ref('office'), 'office_id_raw'),
        'states': states_by_name(),
        'connections': skyslope_users()
    },
    live={'rezen': rezen, 'skyslope': skyslope, 'csv': csv},
    after={
        'days_on_market': "case
            when merged._source = 'v1' then merged.days_on_market
            else coalesce(merged.closed_at - merged.listing_date, merged.days_on_market)
        end",
        'transaction_id': 'latest_deal.transaction_id'
    },
    after_joins='left join latest_deal on latest_deal.listing_id = merged.id'
) }}
