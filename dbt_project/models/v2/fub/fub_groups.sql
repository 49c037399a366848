{{ v2_entity('fub_groups', parents={'fub_accounts': 'fub_accounts'}) }}
