{{ v2_entity('fub_sync_jobs', parents={'fub_accounts': 'fub_accounts', 'user': 'user'}) }}
