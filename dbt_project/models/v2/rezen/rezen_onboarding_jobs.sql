{{ v2_entity('rezen_onboarding_jobs', parents={'user': 'user'}) }}
