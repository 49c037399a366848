{# closed_volume and gci are computed from the transactions: null, not 0, as long as those are not modelled. #}
{{ v2_entity(
    'agent',
    parents={'agent': 'agent'},
    computed={'closed_volume': 'null', 'gci': 'null', 'as_of': as_of()}
) }}
