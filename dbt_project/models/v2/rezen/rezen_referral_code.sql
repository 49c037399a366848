{{ v2_entity('rezen_referral_code', parents={'user': 'user', 'agent': 'agent'}) }}
