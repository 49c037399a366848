{#
    Of several addresses or numbers the one marked primary, else the first. V1 keeps phones as a list or as one text.
    The deal's price is fitted to its type here: the rule null_if_zero, made for ids, does not.
#}
{% set marked_first %}
    order by coalesce(entry.value ->> 'isPrimary' in ('true', '1'), false) desc, entry.place limit 1
{% endset %}
{% set emails = array_elements('doc.emails') ~ ' with ordinality as entry (value, place)' %}
{% set phones = array_elements("doc.payload -> 'phones'") ~ ' with ordinality as entry (value, place)' %}

{{ v2_entity(
    'fub_people',
    parents={
        'fub_accounts': 'fub_accounts', 'fub_stages': 'fub_stages', 'fub_users': 'fub_users', 'user': 'user'
    },
    joins='left join ' ~ ref('fub_users') ~ ' as assigned on assigned.id = doc.assigned_to_fub_id',
    computed={
        'email': "select lower(coalesce(
                nullif(btrim(entry.value ->> 'emailAddress'), ''), nullif(btrim(entry.value ->> 'value'), '')
            )) from " ~ emails ~ marked_first,
        'phone': "case jsonb_typeof(doc.payload -> 'phones')
            when 'array' then (select coalesce(
                nullif(btrim(entry.value ->> 'phoneNumber'), ''), nullif(btrim(entry.value ->> 'value'), '')
            ) from " ~ phones ~ marked_first ~ ")
            else nullif(btrim(doc.payload ->> 'phones'), '')
        end",
        'deal_price': 'case when abs(round(doc.deal_price, 2)) < 1e12 then doc.deal_price end',
        'agent_id': 'assigned.agent_id'
    }
) }}
