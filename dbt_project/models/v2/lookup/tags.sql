{{ v2_entity('tags', parents={'user': 'user', 'team': 'team'}) }}
