{{ v2_entity('fub_accounts', parents={'user': 'user', 'team': 'team'}) }}
