{#
    In the oldest app the address stands in two tables, and deleting somebody's data clears one of them: here it is gone
    from both.
#}
{{ customer_entity(
    'users',
    also=[helper_column('address', 'text', 'email', 'lower')],
    computed={
        'email': 'case when erased.user_id is null then doc.address end',
        'is_excluded': is_excluded('doc.id', 'doc.address')
    },
    joins='left join (' ~ customer_erased() ~ ') as erased on erased.user_id = doc.id'
) }}
