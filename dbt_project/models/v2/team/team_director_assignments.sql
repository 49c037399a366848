{{ v2_entity(
    'team_director_assignments',
    parents={'director': 'directors', 'leader': 'leaders', 'team': 'team', 'agent': 'agent'}
) }}
