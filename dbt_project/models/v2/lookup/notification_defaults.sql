{{ v2_entity('notification_defaults') }}
