"""V1, the legacy Xano database: how its tables land, and the stand-in that speaks like it.

Belongs here: reading `mvpw1_*` tables, and making them for the sandbox with all their quirks. Does not belong
here: what a key means (`dbt_project/`) and the truth the documents tell (`connectors/sandbox/`).
"""
