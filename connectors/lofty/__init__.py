"""Lofty, formerly Chime, a CRM for agents: read through its API, and the stand-in that speaks like it.

Belongs here: Lofty's endpoints and shapes. Does not belong here: what a field means (`dbt_project/`) and the truth
the stand-in tells (`connectors/sandbox/`).
"""
