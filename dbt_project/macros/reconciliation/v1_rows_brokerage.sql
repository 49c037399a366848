{# The V1 side of tables about deals, listings and equity that have not one row a document: see v1_rows.sql. #}

{# CTE `deal_uuids (uuid, id)`: a deal's row id by its UUID; of twins the older. #}
{% macro v1_deal_uuids() -%}
    deal_uuids as materialized (
        select
            coalesce(nullif(btrim(payload ->> 'transaction_id_raw'), ''), btrim(payload ->> 'transaction_id')) as uuid,
            min(key::bigint) as id
        from {{ staging('transaction') }}
        group by 1
    )
{%- endmacro %}


{% macro v1_rows_contribution() %}
    with {{ v1_deal_uuids() }}
    select
        landed.key,
        landed.key as v1_key,
        landed.payload || jsonb_build_object('expected_deal', coalesce(deal.key::bigint, deal_uuids.id)) as doc,
        landed.deleted_at is not null as is_deleted
    from {{ staging('contributions') }} as landed
    left join {{ staging('transaction') }} as deal on deal.key = ({{ v1_number('transaction_id') }})::text
    left join deal_uuids on deal_uuids.uuid = nullif(btrim(landed.payload ->> 'transaction_id_raw'), '')
    offset 0
{% endmacro %}


{# Entries of a deal's history; for one without, the moments it tells, each with what it then became. #}
{% macro v1_rows_transaction_history() %}
    select
        landed.key || '/' || entry.seq as key,
        landed.key as v1_key,
        landed.payload - 'history' || jsonb_build_object('seq', entry.seq, 'element', entry.element) as doc,
        landed.deleted_at is not null as is_deleted
    from {{ staging('transaction') }} as landed
    cross join lateral (
        select number as seq, value as element
        from {{ array_elements("landed.payload -> 'history'") }} with ordinality as entries (value, number)
        union all
        select
            row_number() over (order by told.place),
            jsonb_build_object(
                'field', 'stage', 'changed_at', floor(extract(epoch from told.moment) * 1000)::bigint,
                'new_value', told.status, 'old_value', lag(told.status) over (order by told.place)
            )
        from (select landed.payload as doc) as document
        cross join lateral (
            values
            (1, 'Listed', {{ v1_epoch(v1_raw('listingDate')) }}),
            (2, 'Pending', {{ v1_epoch(v1_raw('contractAcceptanceDate')) }}),
            (3, 'Closed', case when {{ v1_deal_status() }} = 'Closed' then {{ v1_moment_of(['closedAt', 'close_date']) }} end),
            (4, 'Terminated', {{ v1_epoch(v1_raw('terminatedAt')) }})
        ) as told (place, status, moment)
        where told.moment is not null and jsonb_typeof(landed.payload -> 'history') is distinct from 'array'
    ) as entry
    offset 0
{% endmacro %}


{% macro v1_rows_transaction_tags() %}
    with names as materialized (
        select lower(btrim(payload ->> 'name', e' \t\r\n')) as name, min(key::bigint) as id
        from {{ staging('tags') }}
        group by 1
    ),
    tagged as (
        select distinct landed.key, btrim(part.tag, e' \t\r\n') as tag
        from {{ staging('transaction') }} as landed
        cross join lateral (
            select unnest(string_to_array(
                case jsonb_typeof(landed.payload -> 'tags') when 'string' then landed.payload ->> 'tags' end, ','
            )) as tag
            union all
            select jsonb_path_query(landed.payload, 'strict $.tags[*] ? (@.type() == "string")', silent => true) #>> '{}'
        ) as part
    )
    select
        tagged.key || '/' || tagged.tag as key,
        tagged.key as v1_key,
        jsonb_build_object('expected_name', tagged.tag, 'expected_tag', names.id) as doc,
        landed.deleted_at is not null as is_deleted
    from tagged
    inner join {{ staging('transaction') }} as landed on landed.key = tagged.key
    left join names on names.name = lower(tagged.tag)
    where tagged.tag <> ''
    offset 0
{% endmacro %}


{% macro v1_rows_listing_history() %}
    select
        landed.key || '/' || entry.seq as key,
        landed.key as v1_key,
        landed.payload - 'history' || jsonb_build_object('seq', entry.seq, 'element', entry.element) as doc,
        landed.deleted_at is not null as is_deleted
    from {{ staging('listing') }} as landed
    cross join lateral (
        select number as seq, value as element
        from {{ array_elements("landed.payload -> 'history'") }} with ordinality as entries (value, number)
        union all
        select 1, jsonb_build_object(
            'price', {{ v1_price_of_listing() }}, 'changed_at', floor(extract(epoch from told.moment) * 1000)::bigint
        )
        from (select landed.payload as doc) as document
        cross join lateral (
            select {{ v1_moment_of(['listingDate', 'list_date'], 'date') }}::timestamp
                at time zone '{{ var("business_timezone") }}' as moment
        ) as told
        where told.moment is not null and jsonb_typeof(landed.payload -> 'history') is distinct from 'array'
    ) as entry
    offset 0
{% endmacro %}

{% macro v1_price_of_listing() -%}
    {%- set column = {'type': 'numeric(14,2)', 'rule': 'direct'} -%}
    coalesce({{ v1_cast(column, v1_raw('price'), 'price') }}, {{ v1_cast(column, v1_raw('price_amount'), 'price_amount') }})
{%- endmacro %}


{% macro v1_rows_listing_photos() %}
    select
        {{ v1_surrogate(["landed.key", "photo.number"]) }}::text as key,
        landed.key as v1_key,
        jsonb_build_object(
            'element', photo.value, 'expected_url', photo.url, 'expected_position', coalesce(photo.stated, photo.number)
        ) as doc,
        landed.deleted_at is not null as is_deleted
    from {{ staging('listing') }} as landed
    cross join lateral (
        select
            entry.value,
            entry.number,
            nullif(btrim(case jsonb_typeof(entry.value) when 'string' then entry.value #>> '{}' else entry.value ->> 'url' end), '') as url,
            {{ v1_number('order', 'entry.value') }} as stated
        from {{ array_elements("landed.payload -> 'photos'") }} with ordinality as entry (value, number)
    ) as photo
    where photo.url is not null
    offset 0
{% endmacro %}


{# Ids from natural parts, spelled out anew: 2^52 and the first 52 bits of the parts' md5. #}
{% macro v1_surrogate(parts) -%}
    (4503599627370496 + ('x' || substr(md5(concat_ws('|', {{ parts | join(', ') }})), 1, 13))::bit(52)::bigint)
{%- endmacro %}


{# Deals and agents are told by their keys as text: of those Postgres knows that they are unique. #}
{% macro v1_rows_transaction_participants() %}
    with {{ v1_agent_uuids() }},
    {{ v1_deal_uuids() }},
    deals as materialized (
        select
            landed.key as deal,
            upper({{ v1_raw('transaction_owner_representation', 'landed.payload') }}) as representation,
            {{ v1_number('buying_agent_id') }}::text as buyer,
            {{ v1_number('listing_agent_id') }}::text as lister,
            {{ v1_number('transaction_owner_agent_id') }}::text as owner,
            landed.deleted_at is not null as is_deleted
        from {{ staging('transaction') }} as landed
    ),
    people as materialized (
        select
            person.key,
            person.payload,
            coalesce(deals.deal, deal_uuids.id::text) as deal,
            coalesce(agents.key, uuids.id::text) as agent,
            person.role,
            person.deleted_at is not null as is_deleted
        from (
            select
                landed.*,
                {{ v1_number('transaction_id') }}::text as deal_number,
                {{ v1_number('agent_id') }}::text as agent_number,
                replace(upper(btrim(regexp_replace(replace(replace(
                    landed.payload ->> 'role', '''', ''), '’', ''), '[^A-Za-z]+', ' ', 'g'))), ' ', '_') as role
            from {{ staging('participant') }} as landed
        ) as person
        left join deals on deals.deal = person.deal_number
        left join deal_uuids on deal_uuids.uuid = nullif(btrim(person.payload ->> 'transaction_id_raw'), '')
        left join {{ staging('agent') }} as agents on agents.key = person.agent_number
        left join uuids on uuids.uuid = nullif(btrim(person.payload ->> 'agent_id_raw'), '')
    ),
    roles (role, meaning, side) as (
        values
        ('BUYERS_AGENT', 'BUYERS_AGENT', 'buy'), ('BUYER_AGENT', 'BUYERS_AGENT', 'buy'), ('BUYING_AGENT', 'BUYERS_AGENT', 'buy'),
        ('TENANTS_AGENT', 'BUYERS_AGENT', 'buy'), ('CO_BUYERS_AGENT', 'CO_BUYERS_AGENT', 'buy'),
        ('CO_BUYER_AGENT', 'CO_BUYERS_AGENT', 'buy'), ('LISTING_AGENT', 'LISTING_AGENT', 'sell'),
        ('SELLERS_AGENT', 'LISTING_AGENT', 'sell'), ('LANDLORDS_AGENT', 'LISTING_AGENT', 'sell'),
        ('CO_LISTING_AGENT', 'CO_LISTING_AGENT', 'sell'), ('TEAM_LEADER', 'TEAM_LEADER', null),
        ('REFERRAL', 'REFERRAL', null), ('REFERRAL_AGENT', 'REFERRAL', null), ('REFERRING_AGENT', 'REFERRAL', null)
    ),
    stated as materialized (
        select
            people.*,
            coalesce(roles.meaning, 'AGENT') as meaning,
            case
                when roles.meaning is not null then roles.side
                when deals.representation = any(array['BUYER', 'TENANT']) then 'buy'
                when deals.representation = any(array['SELLER', 'LANDLORD']) then 'sell'
            end as side
        from people
        inner join deals on deals.deal = people.deal
        left join roles on roles.role = people.role
        where people.agent is not null
    ),
    named as materialized (
        select wanted.*
        from (
            select deal, buyer as agent, 'BUYERS_AGENT' as meaning, 'buy' as side, is_deleted from deals
            union all
            select deal, lister, 'LISTING_AGENT', 'sell', is_deleted from deals
        ) as wanted
        inner join {{ staging('agent') }} as agents on agents.key = wanted.agent
    ),
    owned as (
        select deals.deal, agents.key, role.meaning, role.side, deals.is_deleted
        from deals
        inner join {{ staging('agent') }} as agents on agents.key = deals.owner
        inner join (
            values
            ('BUYERS_AGENT', 'buy', array['BUYER', 'TENANT', 'DUAL']),
            ('LISTING_AGENT', 'sell', array['SELLER', 'LANDLORD', 'DUAL'])
        ) as role (meaning, side, representations) on deals.representation = any(role.representations)
        left join (select deal from stated union select deal from named) as busy on busy.deal = deals.deal
        where busy.deal is null
    ),
    added as (
        select named.*
        from named
        left join stated on stated.deal = named.deal and stated.agent = named.agent and stated.side = named.side
        where stated.key is null
        union all
        select * from owned
    )
    select
        stated.key,
        stated.key as v1_key,
        stated.payload || jsonb_build_object(
            'expected_deal', stated.deal, 'expected_agent', stated.agent, 'expected_participant', stated.key,
            'expected_user', {{ v1_number('user_id', 'stated.payload') }},
            'expected_role', stated.meaning, 'expected_side', stated.side
        ) as doc,
        stated.is_deleted
    from stated
    union all
    select
        {{ v1_surrogate(['added.deal', 'added.agent', 'added.meaning']) }}::text,
        {{ v1_surrogate(['added.deal', 'added.agent', 'added.meaning']) }}::text,
        jsonb_build_object(
            'expected_deal', added.deal, 'expected_agent', added.agent,
            'expected_user', {{ v1_number('user_id', 'agents.payload') }},
            'expected_role', added.meaning, 'expected_side', added.side
        ),
        added.is_deleted
    from added
    inner join {{ staging('agent') }} as agents on agents.key = added.agent
    offset 0
{% endmacro %}


{% macro v1_rows_equity_monthly() %}{{ return(v1_rows_equity(['year', 'month'])) }}{% endmacro %}
{% macro v1_rows_equity_annual() %}{{ return(v1_rows_equity(['year'])) }}{% endmacro %}

{# Totals by period; shares held are summed anew for every period, over all that happened until it ends. #}
{% macro v1_rows_equity(parts) %}
    {% set numbers = {'granted': 'grant', 'vested': 'vest', 'exercised': 'exercise', 'forfeited': 'forfeit'} %}
    with entries as materialized (
        select
            entry.key,
            entry.agent_id,
            entry.user_id,
            extract(year from entry.moment at time zone '{{ var("business_timezone") }}')::integer as year,
            extract(month from entry.moment at time zone '{{ var("business_timezone") }}')::integer as month,
            entry.moment,
            lower(btrim(entry.doc ->> 'transaction_type')) as kind,
            {{ v1_cast({'type': 'numeric(18,6)', 'rule': 'direct'}, v1_raw('amount'), 'amount') }} as amount,
            {{ v1_cast({'type': 'numeric(14,2)', 'rule': 'direct'}, v1_raw('value'), 'value') }} as value
        from (
            select
                landed.key,
                landed.payload as doc,
                {{ v1_number('agent_id') }} as agent_id,
                {{ v1_number('user_id') }} as user_id,
                {{ v1_epoch(v1_raw('transaction_date', 'landed.payload')) }} as moment
            from {{ staging('equity_transactions') }} as landed
        ) as entry
        where entry.moment is not null and entry.agent_id in (select key::bigint from {{ staging('agent') }})
    ),
    periods as (
        select agent_id, {{ parts | join(', ') }}, min(key) as v1_key, max(moment) as last_moment
        from entries
        group by agent_id, {{ parts | join(', ') }}
    )
    select
        periods.agent_id {% for part in parts %}|| '/' || periods.{{ part }} {% endfor %} as key,
        periods.v1_key,
        jsonb_build_object('agent_id', periods.agent_id{% for part in parts %}, '{{ part }}', periods.{{ part }}{% endfor %})
        || (
            select jsonb_build_object(
                {%- for name, kind in numbers.items() %}
                '{{ name }}', coalesce(sum(amount) filter (where kind = '{{ kind }}'), 0),
                {%- endfor %}
                'dividends', coalesce(sum(value) filter (where kind = 'dividend'), 0),
                'user_id', (array_agg(user_id order by moment desc, key desc))[1]
            )
            from entries
            where entries.agent_id = periods.agent_id {% for part in parts %}and entries.{{ part }} = periods.{{ part }} {% endfor %}
        ) || (
            select jsonb_build_object(
                'total_shares', sum(case kind when 'grant' then amount when 'exercise' then -amount when 'forfeit' then -amount else 0 end),
                'total_vested', sum(case kind when 'vest' then amount else 0 end),
                'unvested', sum(case kind when 'dividend' then 0 when 'grant' then amount else -amount end)
            )
            from entries
            where entries.agent_id = periods.agent_id and entries.moment <= periods.last_moment
        ) as doc,
        false as is_deleted
    from periods
    offset 0
{% endmacro %}
