{# The app deletes a user's token with the user: so does this. #}
{{ customer_entity(
    'l0_user_tokenization',
    parents={'internal_user_id': ref('users')},
    where='of_internal_user_id.id is not null'
) }}
