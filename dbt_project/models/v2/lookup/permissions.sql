{{ v2_entity('permissions', parents={'modules': 'modules'}) }}
