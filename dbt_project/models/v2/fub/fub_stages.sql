{{ v2_entity('fub_stages', parents={'fub_accounts': 'fub_accounts'}) }}
