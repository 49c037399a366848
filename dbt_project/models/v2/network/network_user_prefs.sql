{% set columns = [
    helper_column('downline_agent_id', 'bigint', 'downline_agent_id', 'null_if_zero'),
    helper_column('last_updated', 'timestamptz', 'last_updatedAt', 'epoch_ms')
] %}

with documents as (
    {{ extract(source('staging_v1', 'network'), declared_columns(model) + columns) }}
),

{{ known_ids({'user': 'user'}) }},

-- A member stands once in a user's network; of twins the newest counts. Without a member nothing tells twins.
newest as (
    select distinct on (documents.user_id, documents.downline_agent_id, twinless.key)
        documents.*,
        twinless.key as own_key
    from documents
    cross join lateral (
        select case when documents.downline_agent_id is null then documents.key end as key
    ) as twinless
    order by
        documents.user_id, documents.downline_agent_id, twinless.key,
        documents.last_updated desc nulls last, documents.key desc
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
