"""How data comes in: one folder a source, pure dlt.

Belongs here: what is fetched from where, how it is paged, how it lands in Postgres, and the stand-ins that
speak each source's protocol. Does not belong here: Dagster, dbt, and what the data means (`dbt_project/`).
"""
