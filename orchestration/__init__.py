"""How Headwater runs: the warehouse server, Dagster definitions, the command line.

Belongs here: processes, schedules, lineage, commands. Does not belong here: how a source is read
(`connectors/`) and how data is shaped (`dbt_project/`).
"""
