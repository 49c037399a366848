"""Who sponsors whom: the forest of agents, and the networks that users see of it.

Belongs here: the shape of the sponsor forest and what follows from it alone. Does not belong here: who the
agents are (`connectors/sandbox/people.py`).

Agents are positions 0..n-1 here, oldest first, so a sponsor stands before those sponsored; -1 is nobody.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Bools, Ints, stream

LEVELS = 15
"""How many sponsors the deepest agent has above; the forest is always exactly this deep."""

TIERS = 5
"""How far down an agent's network reaches."""

_COPYING = 0.37  # share that joins under the sponsor of somebody they know: the rich get richer
_ROOTS = 0.002


def grow(seed: int, agents: int) -> tuple[Ints, Ints]:
    """Grow the forest by preferential attachment.

    Returns:
        Each agent's sponsor and the number of sponsors above.
    """
    chance = stream(seed, "forest")
    everyone = np.arange(agents)
    known = (chance.random(agents) * everyone).astype(np.int64)
    roots = chance.random(agents) < _ROOTS
    copying = chance.random(agents) < _COPYING
    spine = np.arange(LEVELS + 1) * (agents - 1) // (LEVELS + 5)  # one chain that reaches the full depth
    known[spine[1:]] = spine[:-1]
    roots[spine[1:]] = False
    copying[spine] = False
    roots[0] = True
    asked = np.where(copying & ~roots & ~roots[known], known, everyone)
    while (asked[asked] != asked).any():
        asked = asked[asked]
    sponsor = np.where(roots, -1, known[asked])
    return _levelled(sponsor, roots)


def _levelled(sponsor: Ints, roots: Bools) -> tuple[Ints, Ints]:
    """Count the levels; whoever would stand below the last one goes to the sponsor's sponsor."""
    depth = np.zeros(len(sponsor), dtype=np.int64)
    placed = roots.copy()
    for level in range(1, LEVELS + 1):
        here = ~placed & placed[sponsor]
        depth[here] = level
        placed |= here
    while not placed.all():
        here = ~placed & placed[sponsor]
        sponsor[here] = sponsor[sponsor[here]]
        depth[here] = LEVELS
        placed |= here
    return sponsor, depth


def upline(sponsor: Ints, agents: Ints, levels: int) -> list[Ints]:
    """Return the agents' sponsors at distance 1, 2, … `levels`; -1 where the chain has ended."""
    chain = [sponsor[agents]]
    for _ in range(levels - 1):
        chain.append(np.where(chain[-1] >= 0, sponsor[chain[-1]], -1))
    return chain


def network_sizes(sponsor: Ints) -> Ints:
    """Count each agent's downline within `TIERS` levels."""
    everyone = np.arange(len(sponsor))
    chains = upline(sponsor, everyone, TIERS)
    return sum((np.bincount(chain[chain >= 0], minlength=len(sponsor)) for chain in chains), np.zeros_like(everyone))


def owners(seed: int, sizes: Ints, count: int, rows: int) -> Ints:
    """Choose whose networks are recorded: the largest until they give `rows`, the others at random."""
    largest = np.argsort(-sizes, kind="stable")
    enough = min(int(np.searchsorted(np.cumsum(sizes[largest]), rows)) + 1, count)
    others = stream(seed, "owners").permutation(largest[enough:])[: count - enough]
    return np.sort(np.concatenate([largest[:enough], others]))


def members(sponsor: Ints, owning: Ints, rows: int) -> pd.DataFrame:
    """List the owners' networks, at most `rows` members: of the outermost tier the newest are left out."""
    everyone = np.arange(len(sponsor))
    is_owner = np.isin(everyone, owning)
    tiers = []
    for tier, chain in enumerate(upline(sponsor, everyone, TIERS), start=1):
        within = np.flatnonzero((chain >= 0) & is_owner[chain])
        tiers.append(pd.DataFrame({"owner": chain[within], "member": within, "tier": tier}))
    listed = pd.concat(tiers, ignore_index=True)[:rows]
    return listed.sort_values(["owner", "tier", "member"], ignore_index=True)


def move_up(listed: pd.DataFrame, row: int, allowed: Array) -> pd.DataFrame:
    """Swap a row with the first allowed one at or after it, if there is one."""
    if not np.any(allowed[row:]):
        return listed
    other = row + int(np.argmax(allowed[row:]))
    order = np.arange(len(listed))
    order[[row, other]] = other, row
    return listed.take(order).reset_index(drop=True)
