{{ customer_entity('onboarding_responses', parents={'user_id': ref('users')}) }}
