{{ v2_entity('skyslope_connection', parents={'user': 'user'}) }}
