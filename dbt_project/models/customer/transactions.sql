{{ customer_entity('transactions', parents={'user_id': ref('users')}) }}
