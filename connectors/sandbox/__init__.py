"""The sandbox: one deterministic made-up world that every stand-in tells a part of.

Belongs here: the truth (who there is, who sponsors whom, who works on which team), clean and typed. Does not
belong here: how a source writes it down, with its quirks and faults (`connectors/<source>/stand_in.py`).
"""

from datetime import date

WORLD_DAY = date(2026, 11, 1)
"""The last day of the world: nothing has happened after it."""
