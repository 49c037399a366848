{% set columns = [
    helper_column('downline_agent_id', 'bigint', 'downline_agent_id', 'null_if_zero'),
    helper_column('last_updated', 'timestamptz', 'last_updatedAt', 'epoch_ms')
] %}

with documents as (
    {{ extract(source('staging_v1', 'network'), declared_columns(model), columns) }}
),

{{ known_ids({'user': 'user'}) }},

-- Without a member nothing tells twins: such a document stands for itself.
told_apart as (
    select
        documents.*,
        case when documents.downline_agent_id is null then documents.key end as own_key
    from documents
),

-- A member stands once in a user's network; of twins the newest counts.
newest as (
    select distinct on (told_apart.user_id, told_apart.downline_agent_id, told_apart.own_key) told_apart.*
    from told_apart
    order by
        told_apart.user_id, told_apart.downline_agent_id, told_apart.own_key,
        told_apart.last_updated desc nulls last, told_apart.key desc
)

select
    {{ surrogate(['newest.user_id', 'newest.downline_agent_id', 'newest.own_key']) }} as id,
    user_ids.id as user_id,
    newest.network_member_id,
    newest.is_favorite,
    newest.is_collapsed,
    newest.sort_order,
    newest.display_name,
    newest.notes,
    newest.contact_frequency
from newest
inner join user_ids on user_ids.id = newest.user_id
