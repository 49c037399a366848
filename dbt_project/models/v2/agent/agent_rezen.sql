{# An agent's referral code is the one in use, of several the newest. #}
{% set referral_codes %}
    select distinct on (agent_id)
        agent_id,
        id as referral_code_id
    from {{ ref('rezen_referral_code') }}
    where agent_id is not null
    order by agent_id, active desc nulls last, created_at desc nulls last, id desc
{% endset %}

{{ v2_entity(
    'agent',
    parents={'agent': 'agent', 'rezen_referral_code': 'rezen_referral_code'},
    lookups={'referral_codes': referral_codes},
    joins='left join referral_codes on referral_codes.agent_id = doc.id',
    computed={'referral_code_id': 'referral_codes.referral_code_id'},
    where='doc.rezen_agent_id is not null'
) }}
