{{ v2_entity('contributions_pending', parents={'user': 'user', 'agent': 'agent', 'transaction': 'transaction'}) }}
