{{ v2_entity('team', parents={'agent': 'agent', 'brokerage': 'brokerage'}) }}
