{{ raw_table('realpage_residents') }}
