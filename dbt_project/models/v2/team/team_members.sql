{% set team_columns = [helper_column('owner_agent_id', 'bigint', 'owner_agent_id', 'null_if_zero')] %}

with roster as (
    {{ extract(source('staging_v1', 'team_roster'), declared_columns(model)) }}
),

teams as (
    {{ extract(source('staging_v1', 'team'), team_columns) }}
),

{{ known_ids({'team': 'team', 'agent': 'agent', 'user': 'user'}) }},

{{ agents_by_uuid() }},

agent_users as (
    {{ extract(source('staging_v1', 'agent'), [helper_column('user_id', 'bigint', 'user_id', 'null_if_zero')]) }}
),

on_roster as (
    select
        roster.*,
        coalesce(roster.agent_id, by_uuid.agent_id) as member_agent_id
    from roster
    left join agents_by_uuid as by_uuid on by_uuid.uuid = roster.agent_id_raw
),

-- Members that a team's own list names and its roster does not.
listed as (
    select
        teams.key as team_id,
        coalesce(
            case
                when btrim(member.value ->> 'agent_id') ~ '^[0-9]{1,18}$'
                    then nullif(btrim(member.value ->> 'agent_id')::bigint, 0)
            end,
            by_uuid.agent_id
        ) as member_agent_id,
        nullif(btrim(member.value ->> 'agent_id_raw'), '') as agent_id_raw,
        nullif(btrim(member.value ->> 'role'), '') as member_role
    from teams
    cross join {{ array_elements("teams.payload -> 'members'") }} as member
    left join agents_by_uuid as by_uuid on by_uuid.uuid = nullif(btrim(member.value ->> 'agent_id_raw'), '')
),

listed_only as (
    select distinct on (listed.team_id, listed.member_agent_id)
        {{ surrogate(['listed.team_id', 'listed.member_agent_id']) }} as id,
        listed.*
    from listed
    left join on_roster
        on on_roster.team_id = listed.team_id and on_roster.member_agent_id = listed.member_agent_id
    where listed.member_agent_id is not null and on_roster.key is null
    order by listed.team_id, listed.member_agent_id, listed.agent_id_raw
),

members as (
    select
        id, created_at, updated_at, team_id, member_agent_id, user_id, agent_id_raw, member_role, active, status,
        is_leader, is_director, is_mentor, seat, team_join_date, team_leave_date, avatar
    from on_roster
    union all
    select
        id, null, null, team_id, member_agent_id, null, agent_id_raw, member_role, true, 'Active',
        false, false, false, false, null, null, null
    from listed_only
)

select
    members.id,
    members.created_at,
    members.updated_at,
    team_ids.id as team_id,
    agent_ids.id as agent_id,
    user_ids.id as user_id,
    members.agent_id_raw,
    case
        when members.member_role is not null then lower(members.member_role)
        when teams.owner_agent_id = members.member_agent_id then 'owner'
        when members.is_leader then 'leader'
        when members.is_director then 'director'
        when members.is_mentor then 'mentor'
        else 'member'
    end as member_role,
    members.active,
    members.status,
    members.is_leader,
    members.is_director,
    members.is_mentor,
    members.seat,
    members.team_join_date,
    members.team_leave_date,
    members.avatar
from members
left join team_ids on team_ids.id = members.team_id
left join agent_ids on agent_ids.id = members.member_agent_id
left join agent_users on agent_users.key = agent_ids.id
left join user_ids on user_ids.id = coalesce(members.user_id, agent_users.user_id)
left join teams on teams.key = members.team_id
