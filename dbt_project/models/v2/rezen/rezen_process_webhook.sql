{{ v2_entity('rezen_process_webhook', parents={'user': 'user'}) }}
