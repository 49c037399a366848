{{ v2_entity('team_mentor_assignments', parents={'mentor': 'mentors', 'team': 'team', 'agent': 'agent'}) }}
