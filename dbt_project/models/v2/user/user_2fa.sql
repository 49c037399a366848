{{ v2_entity('user_2fa', parents={'user': 'user'}) }}
