{{ v2_entity('directors', parents={'agent': 'agent', 'team': 'team', 'user': 'user'}) }}
