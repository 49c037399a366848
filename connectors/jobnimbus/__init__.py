"""JobNimbus: the roofing business's CRM, read through its API, and the stand-in that speaks like it.

Belongs here: JobNimbus's endpoints and shapes. Does not belong here: what a field means (`dbt_project/`) and the truth
the stand-in tells (`connectors/sandbox/roofing.py`).
"""
