"""Stripe: what the business's users pay for, read through its API, and the stand-in that speaks like it.

Belongs here: Stripe's endpoints and shapes. Does not belong here: what a field means (`dbt_project/`) and the truth
the stand-in tells (`connectors/sandbox/`).
"""
