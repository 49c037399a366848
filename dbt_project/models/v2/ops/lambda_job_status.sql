{{ v2_entity('lambda_job_status', parents={'user': 'user', 'fub_accounts': 'fub_accounts'}) }}
