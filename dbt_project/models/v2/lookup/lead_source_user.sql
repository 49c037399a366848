{{ v2_entity('lead_source_user', parents={'user': 'user', 'lead_source_defaults': 'lead_source_defaults'}) }}
