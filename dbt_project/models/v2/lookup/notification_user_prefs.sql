{{ v2_entity('notification_user_prefs', parents={'user': 'user', 'notification_defaults': 'notification_defaults'}) }}
