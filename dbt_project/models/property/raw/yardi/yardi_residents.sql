{{ raw_table('yardi_residents') }}
