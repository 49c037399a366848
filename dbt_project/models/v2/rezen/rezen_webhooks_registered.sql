{{ v2_entity('rezen_webhooks_registered', parents={'user': 'user', 'agent': 'agent'}) }}
