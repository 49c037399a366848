{# referral_code_id is looked up in rezen_referral_code: null as long as that table is not modelled. #}
{{ v2_entity(
    'agent',
    parents={'agent': 'agent'},
    computed={'referral_code_id': 'null'},
    where='doc.rezen_agent_id is not null'
) }}
