{{ v2_entity('leaders', parents={'agent': 'agent', 'team': 'team', 'director': 'directors'}) }}
