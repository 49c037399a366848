{{ v2_entity('user', parents={'user': 'user'}) }}
