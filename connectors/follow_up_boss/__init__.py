"""Follow Up Boss: people, what is done with them, and who works in the CRM, and the stand-in that speaks like it.

Belongs here: reading the API with one key an account, and making its answers for the sandbox. Does not belong here:
what a field means (`dbt_project/`) and the truth the documents tell (`connectors/sandbox/`).
"""
