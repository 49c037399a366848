{#
    Extracted, V1's `status` is the stage or else the status as V1 spells it, and `transaction_type` the type as spelled.
    Of the live sources the raw word stays in `stage`; seeds/status_map.csv says what it means. A word it does not know
    counts like no word: flags and dates decide, and the check known_statuses names it.
#}
{% set else_by_dates = deal_status('null::text', 'false', 'false', 'false', 'doc.contract_date') %}
{# What follows from the known meaning of a source's one word, `known`. #}
{% set by_word = {
    'status': "coalesce(known.v2_status, " ~ else_by_dates ~ ")",
    'closed': "coalesce(known.v2_status = 'Closed', false)",
    'terminated': "coalesce(known.v2_status = 'Terminated', false)",
    'archived': "coalesce(known.v2_status = 'Archived', false)"
} %}

{% set rezen_closing %}
    coalesce(doc.skyslope_closing, doc.closed_at, doc.rezen_closed_at, doc.closing_date_actual, doc.reported_closing)
{% endset %}
{% set rezen_status = "coalesce(by_status.v2_status, by_lifecycle.v2_status)" %}
{% set rezen = live_spec(
    live_deals('rezen'),
    helpers=[
        helper_column('state_of_deal', 'text', ['lifecycleState.state', 'lifecycleState', 'transactionStatus']),
        helper_column('status_of_deal', 'text', 'status'),
        helper_column('kind', 'text', 'transactionType', 'upper'),
        helper_column('use', 'text', 'propertyType', 'upper'),
        helper_column('represents', 'text', 'agentsInfo.representationType', 'upper'),
        helper_column('is_closed', 'boolean', 'closed'),
        helper_column('is_terminated', 'boolean', 'terminated'),
        helper_column('state_name', 'text', 'address.state', 'upper'),
        helper_column('skyslope_closing', 'timestamptz', 'skySlopeActualClosingDate', 'day'),
        helper_column('closed_at', 'timestamptz', 'closedAt', 'epoch_ms'),
        helper_column('rezen_closed_at', 'timestamptz', 'rezenClosedAt', 'epoch_ms'),
        helper_column('closing_date_actual', 'timestamptz', 'closingDateActual', 'day'),
        helper_column('reported_closing', 'timestamptz', 'agentReportedClosingDate', 'day'),
        helper_column('planned_closing', 'timestamptz', 'closingDateEstimated', 'day'),
        helper_column('listing_uuid', 'text', ['listingId', 'builtFromTransactionId']),
        helper_column('office_uuid', 'text', ['office.id', 'officeId'])
    ],
    joins=known_status('by_lifecycle', 'rezen', 'doc.state_of_deal') ~ known_status('by_status', 'rezen', 'doc.status_of_deal') ~ "
    left join agents_by_uuid as owner on owner.uuid = doc.owner_uuid
    left join listings_by_uuid on listings_by_uuid.natural_key = doc.listing_uuid
    left join teams_by_uuid on teams_by_uuid.natural_key = doc.team_id_raw
    left join offices_by_uuid on offices_by_uuid.natural_key = doc.office_uuid
    left join states on states.name = doc.state_name",
    computed={
        'updated_at': 'doc.changed_at',
        'last_updated': 'doc.changed_at',
        'transaction_id_raw': 'doc.key',
        'status': "case
            when " ~ rezen_status ~ " in ('Canceled', 'Archived') then " ~ rezen_status ~ "
            when doc.is_terminated then 'Terminated'
            when doc.is_closed then 'Closed'
            else coalesce(" ~ rezen_status ~ ", " ~ else_by_dates ~ ")
        end",
        'stage': 'coalesce(doc.state_of_deal, doc.status_of_deal)',
        'transaction_type': "case when doc.use = 'COMMERCIAL' and doc.kind in ('SALE', 'LEASE') then 'Commercial ' else '' end || " ~ deal_type('doc.kind'),
        'representation': 'doc.represents',
        'state': 'coalesce(states.abbreviation, doc.state_name)',
        'closing_date': rezen_closing,
        'effective_close_date': 'coalesce(' ~ rezen_closing ~ ', doc.planned_closing)',
        'closed': "coalesce(doc.is_closed, " ~ rezen_status ~ " = 'Closed', false)",
        'terminated': "coalesce(doc.is_terminated, " ~ rezen_status ~ " = 'Terminated', false)",
        'source': "'rezen'",
        'transaction_owner_name': 'owner.display_name',
        'transaction_owner_email': 'owner.email',
        'transaction_owner_agent_id': 'owner.agent_id',
        'listing_id': 'listings_by_uuid.id',
        'team_id': 'teams_by_uuid.id',
        'office_id': 'offices_by_uuid.id',
        'user_id': account_id('user')
    }
) %}

{% set skyslope = live_spec(
    live_deals('skyslope'),
    helpers=[
        helper_column('status_of_file', 'text', 'status'),
        helper_column('stage_name', 'text', 'stage.name'),
        helper_column('kind', 'text', 'dealType'),
        helper_column('number', 'text', 'property.streetNumber'),
        helper_column('direction', 'text', 'property.direction'),
        helper_column('street', 'text', 'property.streetAddress'),
        helper_column('unit', 'text', 'property.unit'),
        helper_column('state_name', 'text', 'property.state'),
        helper_column('actual_closing', 'timestamptz', 'actualClosingDate', 'day'),
        helper_column('planned_closing', 'timestamptz', 'escrowClosingDate', 'day'),
        helper_column('listing_guid', 'text', 'listingGuid', 'lower'),
        helper_column('agent_guid', 'text', ['agentGuid', 'agent.guid', 'agent.userGuid'], 'lower'),
        helper_column('agent_email', 'text', 'agent.email', 'lower')
    ],
    joins="left join statuses as known_staged on known_staged.source = 'skyslope'
        and known_staged.status = " ~ status_words("doc.status_of_file || ':' || doc.stage_name") ~ known_status('known_plain', 'skyslope', 'doc.status_of_file') ~ "
    cross join lateral (select coalesce(known_staged.v2_status, known_plain.v2_status) as v2_status) as known
    left join skyslope_agents on skyslope_agents.guid = doc.agent_guid
    left join agents_by_email on agents_by_email.natural_key = doc.agent_email
    left join agents_by_id as owner on owner.agent_id = coalesce(skyslope_agents.agent_id, agents_by_email.id)
    left join listings_by_uuid on listings_by_uuid.natural_key = doc.listing_guid
    left join connections on connections.account = doc.account",
    computed=dict(by_word, **{
        'updated_at': 'doc.changed_at',
        'last_updated': 'doc.changed_at',
        'transaction_id_raw': 'doc.key',
        'stage': 'doc.status_of_file',
        'transaction_type': "case
            when doc.kind ~* '^commercial.*lease' then 'Commercial Lease'
            when doc.kind ~* '^commercial' then 'Commercial Sale'
            when doc.kind ~* '^lease' then 'Lease'
            when doc.kind ~* '^referral' then 'Referral'
            when doc.kind is not null then 'Sale'
        end",
        'representation': "upper((regexp_match(doc.kind, '/ *(buyer|seller|dual|tenant|landlord) *$', 'i'))[1])",
        'address': street_address(['doc.number', 'doc.direction', 'doc.street', 'doc.unit']),
        'state': 'doc.state_name',
        'closing_date': 'doc.actual_closing',
        'effective_close_date': 'coalesce(doc.actual_closing, doc.planned_closing)',
        'source': "'skyslope'",
        'transaction_owner_name': 'owner.display_name',
        'transaction_owner_email': 'owner.email',
        'transaction_owner_agent_id': 'owner.agent_id',
        'listing_id': 'listings_by_uuid.id',
        'user_id': 'connections.user_id'
    })
) %}

{% set closing = "case when known.v2_status = 'Closed' then doc.stated_closing end" %}
{% set dotloop = live_spec(
    live_deals('dotloop'),
    helpers=[
        helper_column('number', 'text', 'details.Property Address.Street Number'),
        helper_column('street', 'text', 'details.Property Address.Street Name'),
        helper_column('unit', 'text', 'details.Property Address.Unit Number'),
        helper_column('state_name', 'text', 'details.Property Address.State/Prov'),
        helper_column('name', 'text', 'name'),
        helper_column('stated_closing', 'timestamptz', 'details.Contract Dates.Closing Date', 'us_day')
    ],
    joins=known_status('known', 'dotloop', "doc.kind || ':' || doc.state_of_loop") ~ "
    left join loop_agents on loop_agents.loop_id = doc.key
    left join agents_by_id as owner on owner.agent_id
        = case when doc.kind like 'LISTING%' then loop_agents.sellers_agent_id else loop_agents.buyers_agent_id end",
    computed=dict(by_word, **{
        'updated_at': 'doc.changed_at',
        'last_updated': 'doc.changed_at',
        'transaction_id_raw': "'dotloop-' || doc.key",
        'stage': "doc.kind || ':' || doc.state_of_loop",
        'transaction_type': "case when doc.kind like '%LEASE%' then 'Lease' else 'Sale' end",
        'representation': "case doc.kind
            when 'LISTING_FOR_SALE' then 'SELLER' when 'LISTING_FOR_LEASE' then 'LANDLORD' when 'LEASE_OFFER' then 'TENANT' else 'BUYER'
        end",
        'address': "coalesce(" ~ street_address(['doc.number', 'doc.street', 'doc.unit']) ~ ", doc.name)",
        'state': 'doc.state_name',
        'closing_date': closing,
        'effective_close_date': 'doc.stated_closing',
        'source': "'dotloop'",
        'transaction_owner_name': 'owner.display_name',
        'transaction_owner_email': 'owner.email',
        'transaction_owner_agent_id': 'owner.agent_id'
    })
) %}

{% set csv = live_spec(
    live_deals('csv'),
    helpers=[
        helper_column('status_of_line', 'text', 'status'),
        helper_column('kind', 'text', 'transaction_type'),
        helper_column('represents', 'text', 'representation', 'upper'),
        helper_column('state_name', 'text', 'state'),
        helper_column('stated_closing', 'timestamptz', 'closing_date', 'us_day'),
        helper_column('owner_name', 'text', 'transaction_owner_name'),
        helper_column('owner_email', 'text', 'transaction_owner_email', 'lower')
    ],
    joins=known_status('known', 'csv', 'doc.status_of_line') ~ "
    left join agents_by_email on agents_by_email.natural_key = doc.owner_email",
    computed=dict(by_word, **{
        'updated_at': csv_moment(),
        'last_updated': csv_moment(),
        'transaction_id_raw': csv_key(),
        'stage': 'doc.status_of_line',
        'transaction_type': deal_type('doc.kind'),
        'representation': 'doc.represents',
        'state': 'doc.state_name',
        'closing_date': closing,
        'effective_close_date': 'doc.stated_closing',
        'source': "'csv'",
        'transaction_owner_name': 'doc.owner_name',
        'transaction_owner_email': 'doc.owner_email',
        'transaction_owner_agent_id': 'agents_by_email.id'
    })
) %}

{{ v2_overlay(
    'transaction',
    natural_key='transaction_id_raw',
    updated_at='greatest(doc.updated_at, doc.last_updated, doc.created_at)',
    parents={'agent': 'agent', 'listing': 'listing', 'team': 'team', 'office': 'office', 'user': 'user'},
    computed={
        'status': deal_status('doc.status', 'doc.closed', 'doc.terminated', 'doc.archived', 'doc.contract_date'),
        'transaction_type': deal_type('doc.transaction_type')
    },
    lookups={
        'statuses': status_lookup('transaction'),
        'agents_by_uuid': agents_with('agent_id_raw', 'uuid'),
        'agents_by_id': agents_with('id', 'own_id'),
        'agents_by_email': ids_by(ref('agent'), 'email'),
        'skyslope_agents': skyslope_agents(),
        'loop_agents': dotloop_agents(),
        'listings_by_uuid': listing_ids_by_uuid(),
        'teams_by_uuid': ids_by(ref('team'), 'team_id_raw'),
        'offices_by_uuid': ids_by(ref('office'), 'office_id_raw'),
        'states': states_by_name(),
        'connections': skyslope_users()
    },
    live={'rezen': rezen, 'skyslope': skyslope, 'dotloop': dotloop, 'csv': csv}
) }}
