{#
    The V1 side of one V2 table: which rows V1 says there are. Columns: key (equals the model's `meta.v1.key`),
    v1_key (key of the V1 row it comes from), doc, is_deleted (gone from V1; V2 keeps it).

    A model that has not one row a document names a macro of its own in `meta.v1.rows`. Each is written from the
    rule, not from the model's SQL.
#}
{% macro staging(v1_table) %}
    {{ return(api.Relation.create(database=target.database, schema='staging_v1', identifier=v1_table)) }}
{% endmacro %}


{% macro v1_rows(node) %}
    {% set v1 = node.config.meta.v1 %}
    {% if v1.rows %}{{ return(context[v1.rows]()) }}{% endif %}
    {% set sql %}
        select
            landed.key,
            landed.key as v1_key,
            landed.payload || '{}'::jsonb as doc,  -- a copy in memory: not decompressed anew for every column
            landed.deleted_at is not null as is_deleted
        from {{ staging(v1.table) }} as landed
        {{ "where " ~ v1.where if v1.where }}
        offset 0
    {% endset %}
    {{ return(sql) }}
{% endmacro %}


{% macro v1_rows_user_preferences() %}
    select
        landed.key || '/' || page.key as key,
        landed.key as v1_key,
        landed.payload || jsonb_build_object('page_key', page.key, 'page', page.value) as doc,
        landed.deleted_at is not null as is_deleted
    from {{ staging('user') }} as landed
    cross join {{ object_fields("landed.payload -> 'preferences'") }} as page
{% endmacro %}


{# CTE `uuids (uuid, id)`: an agent's row id by its reZEN UUID; of twins the older. #}
{% macro v1_agent_uuids() -%}
    uuids as materialized (
        select btrim(payload ->> 'agent_id_raw') as uuid, min(key::bigint) as id
        from {{ staging('agent') }}
        group by btrim(payload ->> 'agent_id_raw')
    )
{%- endmacro %}

{# A key of `landed`'s (or another alias') document as a row id; 0, '' and what is no number are none. #}
{% macro v1_number(key, document='landed.payload') -%}
    case
        when btrim({{ document }} ->> '{{ key }}', e' \t\r\n') ~ '^[+-]?[0-9]{1,18}$'
            then nullif(btrim({{ document }} ->> '{{ key }}', e' \t\r\n')::bigint, 0)
    end
{%- endmacro %}


{# The first number in a text, of at most nine digits. #}
{% macro v1_digits(text) -%}
    case
        when length((regexp_match({{ text }}, '[0-9]+'))[1]) < 10 then (regexp_match({{ text }}, '[0-9]+'))[1]::integer
    end
{%- endmacro %}


{% macro v1_rows_agent_hierarchy() %}
    with {{ v1_agent_uuids() }},
    stated as (
        select
            landed.key,
            {{ v1_number('created_at') }} as moment,
            coalesce({{ v1_number('agent_id') }}, own.id) as agent_id,
            coalesce({{ v1_number('sponsor_agent_id') }}, upper.id) as sponsor_id,
            coalesce({{ v1_number('level') }}, 1) as level
        from {{ staging('sponsor_tree') }} as landed
        left join uuids as own on own.uuid = nullif(btrim(landed.payload ->> 'agent_id_raw'), '')
        left join uuids as upper on upper.uuid = nullif(btrim(landed.payload ->> 'sponsor_id_raw'), '')
    ),
    tree as (
        select ranked.* from (
            select stated.*, row_number() over (
                partition by stated.agent_id, stated.level order by stated.moment desc nulls last, stated.key desc
            ) as place
            from stated
            where stated.sponsor_id in (select key::bigint from {{ staging('agent') }})
        ) as ranked
        where ranked.place = 1
    ),
    wanted as (
        select
            landed.key::bigint as agent_id,
            1 as level,
            coalesce(tree.sponsor_id, {{ v1_number('sponsorId') }}, {{ v1_number('sponsor_id') }}) as sponsor_id
        from {{ staging('agent') }} as landed
        left join tree on tree.agent_id = landed.key::bigint and tree.level = 1
        union all
        select agent_id, level, sponsor_id from tree where level > 1
    )
    select
        wanted.agent_id || '/' || wanted.level as key,
        agent.key as v1_key,
        agent.payload || jsonb_build_object('expected_sponsor', wanted.sponsor_id) as doc,
        agent.deleted_at is not null as is_deleted
    from wanted
    inner join {{ staging('agent') }} as agent on agent.key = wanted.agent_id::text
    offset 0
{% endmacro %}


{% macro v1_rows_team_members() %}
    with {{ v1_agent_uuids() }},
    roster as materialized (
        select
            landed.*,
            {{ v1_number('team_id') }} as team_id,
            coalesce({{ v1_number('agent_id') }}, uuids.id) as agent_id
        from {{ staging('team_roster') }} as landed
        left join uuids on uuids.uuid = nullif(btrim(landed.payload ->> 'agent_id_raw'), '')
    ),
    users as materialized (
        select landed.key::bigint as agent_id, {{ v1_number('user_id') }} as user_id
        from {{ staging('agent') }} as landed
    ),
    listed as (
        select distinct on (landed.key, coalesce({{ v1_number('agent_id', 'member.value') }}, uuids.id))
            landed.key as team_id,
            landed.deleted_at is not null as is_deleted,
            nullif(btrim(member.value ->> 'agent_id_raw'), '') as uuid,
            coalesce({{ v1_number('agent_id', 'member.value') }}, uuids.id) as agent_id
        from {{ staging('team') }} as landed
        cross join {{ array_elements("landed.payload -> 'members'") }} as member
        left join uuids on uuids.uuid = nullif(btrim(member.value ->> 'agent_id_raw'), '')
        order by
            landed.key, coalesce({{ v1_number('agent_id', 'member.value') }}, uuids.id),
            nullif(btrim(member.value ->> 'agent_id_raw'), '')
    )
    select
        roster.key,
        roster.key as v1_key,
        roster.payload || jsonb_build_object(
            'expected_agent', roster.agent_id,
            'expected_user', coalesce({{ v1_number('user_id', 'roster.payload') }}, users.user_id)
        ) as doc,
        roster.deleted_at is not null as is_deleted
    from roster
    left join users on users.agent_id = roster.agent_id
    union all
    select
        (4503599627370496 + ('x' || substr(md5(listed.team_id || '|' || listed.agent_id), 1, 13))::bit(52)::bigint)::text,
        (4503599627370496 + ('x' || substr(md5(listed.team_id || '|' || listed.agent_id), 1, 13))::bit(52)::bigint)::text,
        jsonb_build_object(
            'team_id', listed.team_id::bigint, 'expected_agent', listed.agent_id, 'agent_id_raw', listed.uuid,
            'expected_user', users.user_id
        ),
        listed.is_deleted
    from listed
    left join users on users.agent_id = listed.agent_id
    left join roster on roster.team_id = listed.team_id::bigint and roster.agent_id = listed.agent_id
    where listed.agent_id is not null and roster.key is null
{% endmacro %}


{#
    The closure is proved by induction, without recursion: a member's direct sponsor is a pair of depth 1; and
    whoever is an ancestor of the sponsor at depth n is one of the member at depth n + 1.
#}
{% macro v1_rows_network_hierarchy() %}
    with stated as materialized (
        select
            landed.key as v1_key,
            landed.deleted_at is not null as is_deleted,
            {{ v1_number('agent_id') }} as owner,
            {{ v1_number('downline_agent_id') }} as member,
            {{ v1_number('sponsoring_agent_id') }} as sponsor,
            {{ v1_number('last_updatedAt') }} as moment,
            {{ v1_digits("landed.payload ->> 'tier'") }} as tier
        from {{ staging('network') }} as landed
    ),
    direct as materialized (
        select ranked.* from (
            select stated.*, row_number() over (
                partition by stated.member order by stated.moment desc nulls last, stated.v1_key::bigint desc
            ) as place
            from stated
            where stated.sponsor <> stated.member
                and stated.sponsor in (select key::bigint from {{ staging('agent') }})
                and stated.member in (select key::bigint from {{ staging('agent') }})
        ) as ranked
        where ranked.place = 1
    ),
    chained as (
        select direct.sponsor as ancestor, direct.member as descendant, 1 as depth, direct.v1_key from direct
        union
        select pair.ancestor_agent_id, direct.member, pair.depth + 1, direct.v1_key
        from {{ api.Relation.create(database=target.database, schema='v2', identifier='network_hierarchy') }} as pair
        inner join direct on direct.sponsor = pair.descendant_agent_id
        where pair.ancestor_agent_id <> direct.member and pair.path_json is not null
    ),
    owned as (
        select distinct on (stated.owner, stated.member)
            stated.owner as ancestor, stated.member as descendant, coalesce(stated.tier, 1) as depth, stated.v1_key
        from stated
        where stated.owner <> stated.member
            and stated.owner in (select key::bigint from {{ staging('agent') }})
            and stated.member in (select key::bigint from {{ staging('agent') }})
            and (stated.owner, stated.member) not in (select ancestor, descendant from chained)
        order by stated.owner, stated.member, stated.moment desc nulls last, stated.v1_key::bigint desc
    )
    select
        pairs.ancestor || '/' || pairs.descendant as key,
        pairs.v1_key,
        jsonb_build_object('ancestor', pairs.ancestor, 'descendant', pairs.descendant, 'depth', pairs.depth) as doc,
        false as is_deleted
    from (select * from chained union all select * from owned) as pairs
    offset 0
{% endmacro %}

{% macro v1_rows_network_user_prefs() %}
    select ranked.key, ranked.key as v1_key, ranked.payload || '{}'::jsonb as doc, ranked.is_deleted
    from (
        select
            landed.key,
            landed.payload,
            landed.deleted_at is not null as is_deleted,
            row_number() over (
                partition by {{ v1_number('user_id') }}, coalesce({{ v1_number('downline_agent_id') }}, -landed.key::bigint)
                order by {{ v1_number('last_updatedAt') }} desc nulls last, landed.key::bigint desc
            ) as place
        from {{ staging('network') }} as landed
        where {{ v1_number('user_id') }} in (select key::bigint from {{ staging('user') }})
    ) as ranked
    where ranked.place = 1
    offset 0
{% endmacro %}
