{{ v2_entity('rezen_sync_jobs', parents={'user': 'user'}) }}
