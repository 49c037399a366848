{# Moments come in four ways; what one without a zone means is the var lofty_timezone. #}
{% set zone = var('lofty_timezone', 'UTC') %}
{% set assigned %}
    select
        landed.account,
        landed.payload ->> 'memberUserId' as lofty_user_id,
        min(known.id) as agent_id
    from {{ source('staging_lofty', 'members') }} as landed
    inner join {{ ref('agent') }} as known on known.email = lower(btrim(landed.payload ->> 'email'))
    group by landed.account, landed.payload ->> 'memberUserId'
{% endset %}
{% set kinds %}
    '{"-1": "Other", "1": "Seller", "2": "Buyer", "5": "Renter", "6": "Investor", "7": "Agent", "8": "Homeowner",
    "9": "Landlord"}'::jsonb
{% endset %}
{% set lead_types = "(
        select jsonb_agg(coalesce(" ~ kinds ~ " ->> (kind.value #>> '{}'), kind.value #>> '{}') order by kind.place)
        from " ~ array_elements("doc.payload -> 'leadTypes'") ~ " with ordinality as kind (value, place)
    )" %}

{{ v2_live(
    lookups={'owner': account_rows('lofty', 'lofty_user_id'), 'assigned': assigned},
    live={
        'lofty': {
            'rows': source('staging_lofty', 'lofty_staging'),
            'key': 'doc.key',
            'updated_at': loose_moment('changed', zone),
            'helpers': loose_moment_columns('made', 'createTime') + loose_moment_columns('changed', 'lastUpdateTime')
                + loose_moment_columns('touched', 'lastTouch'),
            'joins': 'inner join owner on owner.account = doc.account
            left join assigned on assigned.account = doc.account and assigned.lofty_user_id = doc.assigned_user_id',
            'computed': {
                'created_at': 'coalesce(' ~ loose_moment('made', zone) ~ ', owner.at)',
                'lofty_account_id': 'owner.id',
                'lead_types': lead_types,
                'agent_id': 'assigned.agent_id',
                'tags': "nullif(jsonb_path_query_array(doc.payload, '$.tags[*].tagName'), '[]')",
                'lead_created_at': loose_moment('made', zone),
                'last_touch_at': loose_moment('touched', zone),
                'lead_updated_at': loose_moment('changed', zone)
            }
        }
    }
) }}
