{% set columns = [
    helper_column('agent_id', 'bigint', 'agent_id', 'null_if_zero'),
    helper_column('downline_agent_id', 'bigint', 'downline_agent_id', 'null_if_zero'),
    helper_column('sponsoring_agent_id', 'bigint', 'sponsoring_agent_id', 'null_if_zero'),
    helper_column('tier', 'integer', 'tier', 'digits'),
    helper_column('last_updated', 'timestamptz', 'last_updatedAt', 'epoch_ms')
] %}

with recursive documents as (
    {{ extract(source('staging_v1', 'network'), columns) }}
),

{{ known_ids({'agent': 'agent'}) }},

-- One direct sponsor a member: what the newest document that names one says.
sponsorships as (
    select distinct on (documents.downline_agent_id)
        documents.downline_agent_id as member,
        documents.sponsoring_agent_id as sponsor
    from documents
    inner join agent_ids as member_known on member_known.id = documents.downline_agent_id
    inner join agent_ids as sponsor_known on sponsor_known.id = documents.sponsoring_agent_id
    where documents.sponsoring_agent_id <> documents.downline_agent_id
    order by documents.downline_agent_id, documents.last_updated desc nulls last, documents.key desc
),

climb as (
    select
        sponsor as ancestor,
        member as descendant,
        1 as depth,
        array[sponsor, member] as path,
        false as is_circle
    from sponsorships
    union all
    select
        sponsorships.sponsor,
        climb.descendant,
        climb.depth + 1,
        sponsorships.sponsor || climb.path,
        sponsorships.sponsor = any(climb.path)
    from climb
    inner join sponsorships on sponsorships.member = climb.ancestor
    where not climb.is_circle
),

circles as (
    select distinct descendant from climb where is_circle
),

reached as (
    select
        climb.ancestor,
        climb.descendant,
        climb.depth,
        climb.path,
        circles.descendant is not null as is_broken
    from climb
    left join circles on circles.descendant = climb.descendant
    where not climb.is_circle
),

-- The network's owner is an ancestor too, also where no chain of sponsors leads up to him.
stated as (
    select distinct on (documents.agent_id, documents.downline_agent_id)
        documents.agent_id as ancestor,
        documents.downline_agent_id as descendant,
        coalesce(documents.tier, 1) as depth
    from documents
    inner join agent_ids as owner_known on owner_known.id = documents.agent_id
    inner join agent_ids as member_known on member_known.id = documents.downline_agent_id
    where documents.agent_id <> documents.downline_agent_id
    order by
        documents.agent_id, documents.downline_agent_id, documents.last_updated desc nulls last, documents.key desc
),

pairs as (
    select ancestor, descendant, depth, path, is_broken from reached
    union all
    select stated.ancestor, stated.descendant, stated.depth, null, true
    from stated
    left join reached on reached.ancestor = stated.ancestor and reached.descendant = stated.descendant
    where reached.ancestor is null
)

select
    {{ surrogate(['ancestor', 'descendant']) }} as id,
    ancestor as ancestor_agent_id,
    descendant as descendant_agent_id,
    depth,
    to_jsonb(path) as path_json,
    is_broken
from pairs
