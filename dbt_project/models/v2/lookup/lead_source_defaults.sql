{{ v2_entity('lead_source_defaults') }}
