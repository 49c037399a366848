{{ v2_entity('team', parents={'team': 'team'}) }}
