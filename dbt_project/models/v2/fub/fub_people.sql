{#
    Of several addresses or numbers the one marked primary, else the first. V1 keeps phones as a list or as one text.
    The deal's price is fitted to its type here: the rule null_if_zero, made for ids, does not.
#}
{% set marked_first %}
    order by coalesce(entry.value ->> 'isPrimary' in ('true', '1'), false) desc, entry.place limit 1
{% endset %}
{% set emails = array_elements('doc.emails') ~ ' with ordinality as entry (value, place)' %}
{% set phones = array_elements("doc.payload -> 'phones'") ~ ' with ordinality as entry (value, place)' %}
{% set contact = {
    'email': "select lower(coalesce(
            nullif(btrim(entry.value ->> 'emailAddress'), ''), nullif(btrim(entry.value ->> 'value'), '')
        )) from " ~ emails ~ marked_first,
    'phone': "case jsonb_typeof(doc.payload -> 'phones')
        when 'array' then (select coalesce(
            nullif(btrim(entry.value ->> 'phoneNumber'), ''), nullif(btrim(entry.value ->> 'value'), '')
        ) from " ~ phones ~ marked_first ~ ")
        else nullif(btrim(doc.payload ->> 'phones'), '')
    end"
} %}

{{ v2_overlay(
    'fub_people',
    natural_key=fub_key('fub_people_id', 'fub_account_id_raw'),
    updated_at='greatest(doc.fub_updated_at, doc.last_activity, doc.fub_created_at)',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_stages': 'fub_stages', 'fub_users': 'fub_users', 'user': 'user'
    },
    lookups=fub_lookups(['fub_users', 'fub_stages']),
    joins='left join ' ~ ref('fub_users') ~ ' as assigned on assigned.id = doc.assigned_to_fub_id',
    computed=dict(
        contact,
        deal_price='case when abs(round(doc.deal_price, 2)) < 1e12 then doc.deal_price end',
        agent_id='assigned.agent_id'
    ),
    live={
        'fub': {
            'rows': source('staging_fub', 'people'),
            'key': fub_live_key('doc.fub_people_id'),
            'updated_at': 'greatest(doc.fub_updated_at, doc.last_activity, doc.fub_created_at)',
            'helpers': [
                helper_column('assigned_number', 'bigint', 'assignedUserId', 'null_if_zero'),
                helper_column('told_source', 'text', 'source'),
                helper_column('told_price', 'numeric(14,2)', 'dealPrice')
            ],
            'joins': fub_joins({
                'assigned': ['fub_users', 'doc.assigned_number'], 'stage': ['fub_stages', 'doc.fub_stage_id']
            }),
            'computed': dict(
                fub_account_columns('ad_people_id', 'doc.fub_people_id'),
                stage_id='stage.id',
                source_name="nullif(doc.told_source, '<unspecified>')",
                deal_price='nullif(doc.told_price, 0)',
                url="'https://' || fub_account.host || '.followupboss.com/2/people/view/' || doc.fub_people_id",
                missing_user='doc.assigned_number is not null and assigned.id is null',
                assigned_to_fub_id='assigned.id',
                assigned_to_fub_account_user_id='assigned.user_id',
                agent_id='assigned.agent_id',
                **contact
            )
        }
    }
) }}
