{{ v2_entity('agent', parents={'agent': 'agent'}) }}
