{#
    Deals and listings of the live sources: which landed rows are some, their natural keys, and when they last changed.

    Belongs here: what several models read of one kind of record. Does not belong here: which column holds what (the
    models' YAML), what a status means (seeds/status_map.csv).
#}

{#
    The deals of a live source, as `live` of v2_overlay; live_spec adds what a model computes of them.

    What reZEN tells as a listing beside the deals (`listing`: true) is a deal of status Listed, as in V1, unless it is
    among its listings too. A dotloop loop is a deal when it is an offer, or a listing that came under contract: sellers'
    deals have no loop of their own. `changed_at` is the source's own moment of the last change.
#}
{% macro live_deals(source_name) %}
    {% if source_name == 'rezen' %}
        {% set listings = source('staging_rezen', 'stage_listings_rezen_onboarding') %}
        {{ return(dict(
            rezen_file('stage_transactions_rezen_onboarding'),
            where='doc.is_listing is not true or doc.key not in (select key from ' ~ listings ~ ')'
        )) }}
    {% elif source_name == 'skyslope' %}
        {{ return(skyslope_file('stage_transactions_skyslope')) }}
    {% elif source_name == 'dotloop' %}
        {{ return({
            'rows': source('staging_dotloop', 'dotloop_staging'),
            'key': "'dotloop-' || doc.key",
            'updated_at': 'doc.changed_at',
            'helpers': [
                helper_column('changed_at', 'timestamptz', 'updated', 'iso'),
                helper_column('kind', 'text', 'transactionType', 'upper'),
                helper_column('state_of_loop', 'text', 'status', 'upper')
            ],
            'where': "doc.kind in ('PURCHASE_OFFER', 'PURCHASED', 'LEASE_OFFER')
                or doc.kind in ('LISTING_FOR_SALE', 'LISTING_FOR_LEASE') and doc.state_of_loop in ('UNDER_CONTRACT', 'SOLD', 'LEASED')"
        }) }}
    {% endif %}
    {{ return(csv_lines('transaction', 'transaction_id_raw')) }}
{% endmacro %}


{# Deals of all live sources for a table beside v2.transaction, whose row each one finds by its key: `deals_by_key`. #}
{% macro live_deals_linked() %}
    {% set live = {} %}
    {% for name in ['rezen', 'skyslope', 'dotloop', 'csv'] %}
        {% set spec = live_deals(name) %}
        {% do live.update({name: live_spec(
            spec,
            joins='left join deals_by_key on deals_by_key.natural_key = ' ~ spec.key,
            computed={'transaction_id': 'deals_by_key.id'}
        )}) %}
    {% endfor %}
    {{ return(live) }}
{% endmacro %}


{# A source's rows with what a model extracts, joins and computes besides. #}
{% macro live_spec(spec, helpers=[], joins='', computed={}) %}
    {{ return(dict(spec, helpers=spec.helpers + helpers, joins=joins, computed=computed)) }}
{% endmacro %}


{# A deal or listing of reZEN; of keys that read it at one state the owner's counts, whose money it tells. #}
{% macro rezen_file(table) %}
    {{ return({
        'rows': source('staging_rezen', table),
        'key': 'doc.key',
        'updated_at': 'doc.changed_at',
        'helpers': [
            helper_column('changed_at', 'timestamptz', 'updatedAt', 'epoch_ms'),
            helper_column('is_listing', 'boolean', 'listing'),
            helper_column('owner_uuid', 'text', [
                'transactionOwnerId', 'agentsInfo.ownerAgent.0.yentaId', 'agentsInfo.ownerAgent.0.agentId', 'agentsInfo.ownerAgent.0.id'
            ]),
            helper_column('reader_uuid', 'text', '_request.agent_id')
        ],
        'prefer': 'doc.owner_uuid = doc.reader_uuid'
    }) }}
{% endmacro %}

{% macro skyslope_file(table) %}
    {{ return({
        'rows': source('staging_skyslope', table),
        'key': 'doc.key',
        'updated_at': 'doc.changed_at',
        'helpers': [helper_column('changed_at', 'timestamptz', 'modifiedOn', 'iso')]
    }) }}
{% endmacro %}


{# The UUIDs of V1's deals. #}
{% macro uuids_of_v1_deals() %}
    select coalesce(nullif(btrim(payload ->> 'transaction_id_raw'), ''), btrim(payload ->> 'transaction_id')) as uuid
    from {{ source('staging_v1', 'transaction') }}
    where coalesce(nullif(btrim(payload ->> 'transaction_id_raw'), ''), btrim(payload ->> 'transaction_id')) <> ''
{% endmacro %}


{#
    Lines of dropped files of one kind. The document of a line is made of the fields the connector recognized; a line
    whose file has no column for the id is known by the file and its number. Without a moment of its own, a line is as
    new as its landing.
#}
{% macro csv_lines(kind, id_field) %}
    {% set rows %}
        (
            select
                account,
                key,
                jsonb_build_object('landed_at', extracted_at) as request,
                coalesce(
                    (
                        select jsonb_object_agg(field.key, btrim(lines.payload ->> field.value))
                        from jsonb_each_text(lines.request -> 'fields') as field
                    ),
                    '{}'
                ) as payload,
                deleted_at
            from {{ source('staging_csv', 'stage_csv_import') }} as lines
            where lines.request ->> 'kind' = '{{ kind }}'
        )
    {% endset %}
    {{ return({
        'rows': rows,
        'key': csv_key(),
        'updated_at': csv_moment(),
        'helpers': [
            helper_column('own_id', 'text', id_field),
            helper_column('changed_at', 'timestamptz', 'updated_at', 'iso'),
            helper_column('landed_at', 'timestamptz', '_request.landed_at', 'iso')
        ]
    }) }}
{% endmacro %}


{% macro csv_key() %}coalesce(doc.own_id, 'csv-' || doc.key){% endmacro %}
{% macro csv_moment() %}coalesce(doc.changed_at, doc.landed_at){% endmacro %}


{# The listings of a live source, as live_deals. #}
{% macro live_listings(source_name) %}
    {% if source_name == 'rezen' %}{{ return(rezen_file('stage_listings_rezen_onboarding')) }}
    {% elif source_name == 'skyslope' %}{{ return(skyslope_file('stage_listing_skyslope')) }}
    {% endif %}
    {{ return(csv_lines('listing', 'listing_id_raw')) }}
{% endmacro %}


{#
    Listings by the UUID a deal names, `(natural_key, id)`, out of what landed: v2.listing itself names its deal, so
    it is built later. Of V1's and a live row the one of V1, as v2.listing has it.
#}
{% macro listing_ids_by_uuid() %}
    select
        known.uuid as natural_key,
        min(known.id) as id
    from (
        select
            coalesce(nullif(btrim(payload ->> 'listing_id_raw'), ''), btrim(payload ->> 'listing_id')) as uuid,
            key::bigint as id
        from {{ source('staging_v1', 'listing') }}
        union all
        select key, {{ live_id('listing', 'key') }} from {{ source('staging_rezen', 'stage_listings_rezen_onboarding') }}
        union all
        select key, {{ live_id('listing', 'key') }} from {{ source('staging_skyslope', 'stage_listing_skyslope') }}
    ) as known
    where known.uuid <> ''
    group by known.uuid
{% endmacro %}


{# SkySlope's users and the agents with their e-mail addresses: `(guid, agent_id)`. #}
{% macro skyslope_agents() %}
    select distinct on (lower(users.key))
        lower(users.key) as guid,
        agents.id as agent_id
    from {{ source('staging_skyslope', 'users') }} as users
    inner join {{ ref('agent') }} as agents on agents.email = lower(btrim(users.payload ->> 'email'))
    order by lower(users.key), agents.id
{% endmacro %}


{# The agents on both sides of a loop: `(loop_id, buyers_agent_id, sellers_agent_id)`, by their e-mail addresses. #}
{% macro dotloop_agents() %}
    select
        people.request ->> 'loop_id' as loop_id,
        min(agents.id) filter (where people.payload ->> 'role' in ('BUYING_AGENT', 'TENANT_AGENT')) as buyers_agent_id,
        min(agents.id) filter (where people.payload ->> 'role' = 'LISTING_AGENT') as sellers_agent_id
    from {{ source('staging_dotloop', 'participants') }} as people
    inner join {{ ref('agent') }} as agents on agents.email = lower(btrim(people.payload ->> 'email'))
    where people.deleted_at is null
    group by people.request ->> 'loop_id'
{% endmacro %}


{# What the sources' words for a status mean: `(source, status, v2_status)`, the words as status_words spells them. #}
{% macro status_lookup(entity) %}
    select
        source,
        {{ status_words('source_status') }} as status,
        v2_status
    from {{ ref('status_map') }}
    where entity = '{{ entity }}'
{% endmacro %}

{% macro status_words(text) -%}
    {{ constant_spelling(text, '_') }}
{%- endmacro %}

{# Joins the meaning of a status to `doc`, under an alias. #}
{% macro known_status(alias, source_name, text) -%}
    left join statuses as {{ alias }}
        on {{ alias }}.source = '{{ source_name }}' and {{ alias }}.status = {{ status_words(text) }}
{%- endmacro %}


{# Where a property is, out of parts: number, direction, street, unit. #}
{% macro street_address(parts) -%}
    nullif(concat_ws(' ', {{ parts | join(', ') }}), '')
{%- endmacro %}


{# Agents by a column of theirs, with what deals say of them; of twins the older one. #}
{% macro agents_with(column, alias) %}
    select distinct on ({{ column }})
        {{ column }} as {{ alias }},
        id as agent_id,
        user_id,
        display_name,
        email
    from {{ ref('agent') }}
    where {{ column }} is not null
    order by {{ column }}, id
{% endmacro %}


{# Two letters for a state or province by its name as reZEN writes it: NORTH_CAROLINA. #}
{% macro states_by_name() %}
    select
        upper(replace(name, ' ', '_')) as name,
        min(abbreviation) as abbreviation
    from {{ ref('state_province') }}
    group by upper(replace(name, ' ', '_'))
{% endmacro %}


{# The user of a SkySlope connection, by its landing account. #}
{% macro skyslope_users() %}
    select
        id::text as account,
        user_id
    from {{ ref('skyslope_connection') }}
{% endmacro %}
