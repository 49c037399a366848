{{ v2_entity('modules') }}
