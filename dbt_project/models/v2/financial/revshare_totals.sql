{{ v2_entity('revshare_totals', parents={'user': 'user', 'agent': 'agent'}) }}
