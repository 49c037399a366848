{{ raw_table('realpage_activity') }}
