{{ v2_entity('mentors', parents={'agent': 'agent', 'team': 'team'}) }}
