{{ v2_entity('team_leader_assignments', parents={'leader': 'leaders', 'team': 'team', 'agent': 'agent'}) }}
