{{ v2_entity(
    'user',
    parents={'user': 'user', 'team': 'team', 'director': 'directors', 'leader': 'leaders', 'mentor': 'mentors'}
) }}
