{% set sponsor_columns = [
    helper_column('agent_id', 'bigint', 'agent_id', 'null_if_zero'),
    helper_column('agent_id_raw', 'text', 'agent_id_raw'),
    helper_column('sponsor_agent_id', 'bigint', 'sponsor_agent_id', 'null_if_zero'),
    helper_column('sponsor_id_raw', 'text', 'sponsor_id_raw'),
    helper_column('level', 'integer', 'level', 'null_if_zero'),
    helper_column('created_at', 'timestamptz', 'created_at', 'epoch_ms')
] %}

with recursive agents as (
    {{ extract(source('staging_v1', 'agent'), declared_columns(model)) }}
),

{{ known_ids({'team': 'team', 'director': 'directors', 'leader': 'leaders', 'mentor': 'mentors'}) }},

tree_documents as (
    {{ extract(source('staging_v1', 'sponsor_tree'), sponsor_columns) }}
),

{{ agents_by_uuid() }},

tree as (
    select
        documents.key,
        documents.created_at,
        coalesce(documents.agent_id, own.agent_id) as agent_id,
        coalesce(documents.sponsor_agent_id, sponsor.agent_id) as sponsor_agent_id,
        coalesce(documents.level, 1) as level
    from tree_documents as documents
    left join agents_by_uuid as own on own.uuid = documents.agent_id_raw
    left join agents_by_uuid as sponsor on sponsor.uuid = documents.sponsor_id_raw
),

-- The newest document of an agent and level decides.
tree_newest as (
    select distinct on (tree.agent_id, tree.level)
        tree.agent_id,
        tree.level,
        sponsor.agent_id as sponsor_agent_id
    from tree
    inner join agents as sponsor on sponsor.agent_id = tree.sponsor_agent_id
    order by tree.agent_id, tree.level, tree.created_at desc nulls last, tree.key desc
),

direct as (
    select
        agents.agent_id,
        coalesce(tree_newest.sponsor_agent_id, stated.agent_id) as sponsor_agent_id
    from agents
    left join tree_newest on tree_newest.agent_id = agents.agent_id and tree_newest.level = 1
    left join agents as stated on stated.agent_id = agents.sponsor_agent_id
),

-- Down from the roots, so that a circle of sponsors is simply never reached: its agents have no chain.
chains as (
    select
        direct.agent_id,
        array[]::bigint[] as chain
    from direct
    where direct.sponsor_agent_id is null
    union all
    select
        direct.agent_id,
        array[direct.sponsor_agent_id] || chains.chain
    from direct
    inner join chains on chains.agent_id = direct.sponsor_agent_id
),

levels as (
    select
        agent_id,
        sponsor_agent_id,
        1 as level
    from direct
    union all
    select
        agent_id,
        sponsor_agent_id,
        level
    from tree_newest
    where level > 1
)

select
    {{ surrogate(['levels.agent_id', 'levels.sponsor_agent_id', 'levels.level']) }} as id,
    levels.agent_id,
    levels.sponsor_agent_id,
    levels.level,
    to_jsonb(chains.chain) as path_json,
    agents.is_director,
    agents.is_leader,
    agents.is_mentor,
    agents.needs_mentorship,
    {{ known_or_null('agents.director_id', 'director') }} as director_id,
    {{ known_or_null('agents.leader_id', 'leader') }} as leader_id,
    {{ known_or_null('agents.mentor_id', 'mentor') }} as mentor_id,
    {{ known_or_null('agents.team_id', 'team') }} as team_id
from levels
inner join agents on agents.agent_id = levels.agent_id
left join chains on chains.agent_id = levels.agent_id
