"""reZEN (Real Broker): agents, their networks, deals, listings and revenue share, and the stand-in that speaks like it.

Belongs here: reading the API with one key an agent, and making its answers for the sandbox. Does not belong here:
what a field means (`dbt_project/`) and the truth the documents tell (`connectors/sandbox/`).
"""
