"""What the live sources know: V1's world, and what has changed or come in since V1 was last brought up to date.

Belongs here: which frames there are, which source tells which deal, and the first difference to V1. Does not
belong here: what a day brings (`connectors/sandbox/passing.py`), how a source says it (`connectors/<source>/`).

The frames have V1's columns and two more: `updated`, the moment of the last change, and `ahead`, whether V1 does
not know that change (or the row). Rows are found by `id` (`frames.at`), not by position: some have gone, and ids of
rows that V1 does not have begin above `frames.LIVE_ONLY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from connectors.sandbox import contacts, downline, newcomers, trading
from connectors.sandbox.business import Business
from connectors.sandbox.chance import Ints
from connectors.sandbox.crm import Crm
from connectors.sandbox.days import LAST
from connectors.sandbox.frames import Round, at

SKYSLOPE_UNTIL = np.datetime64("2023-06-01", "s")
"""Until this day some of the brokerage's deals were kept in SkySlope."""

SOURCES = ("rezen", "skyslope", "dotloop", "csv")
"""Who tells of deals; of listings all but dotloop do."""

_SINCE = {
    "agents": "joined",
    "deals": "created",
    "listings": "created",
    "participants": "created",
    "payouts": "paid_at",
    "contributions": "contributed",
    "pending_contributions": "contributed",
    "revshare_totals": "last_contribution",
    "revshare_payments": "paid_at",
    "equity": "happened",
    "appointments": "set_at",
    "events": "stored",
    "sync_jobs": "created",
}
"""The moment of a row that V1's own moment of its last change never lies before; of people and calls, `updated`."""


@dataclass(frozen=True)
class Known:
    """What V1 knows of that which live sources tell."""

    agents: pd.DataFrame
    users: pd.DataFrame
    teams: pd.DataFrame
    network: pd.DataFrame
    business: Business
    crm: Crm


@dataclass(frozen=True)
class Live:
    """The frames. A deal's or a listing's `told_in` is the source that tells of it."""

    agents: pd.DataFrame
    network: pd.DataFrame
    business: Business
    crm: Crm


def build(seed: int, rows: Mapping[str, int], world: Known) -> Live:
    """Make what the live sources know on the world's last day.

    Args:
        seed: of the world.
        rows: how many of each there are that V1 does not have.
        world: what V1 knows.
    """
    today = Round(seed, 0, LAST, in_v1=False)
    agents = _known(world.agents, "agents")
    joined = at(agents, world.network["member_id"])["joined"].to_numpy()
    network = world.network.assign(updated=joined, ahead=False)
    keyed = world.users.loc[world.users["rezen_key"], "agent_id"].to_numpy()

    parts = {one.name: getattr(world.business, one.name) for one in fields(Business)}
    business = Business(**{name: _known(frame, name) for name, frame in parts.items()})
    business = replace(business, deals=_told(business.deals), listings=_told(business.listings))
    for source in SOURCES:
        wanted = rows[f"live_{source}_deals"], rows[f"live_{source}_listings"]
        business = _with_live_only(today, source, wanted, business, world, keyed)
    before = agents
    business, agents = trading.happened(today, trading.LEAD, business, agents)
    agents = downline.happened(today, downline.LEAD, agents)
    network = downline.followed(today, network, before, agents)
    missed = downline.missed(today, rows["live_network"], network, agents, keyed)
    network = downline.with_members(today, network, missed, agents)

    made = {one.name: getattr(world.crm, one.name) for one in fields(Crm)}
    connected = world.crm.accounts["connected"].to_numpy()
    for name in ("accounts", "stages", "groups"):
        account = made[name]["id" if name == "accounts" else "account_id"].to_numpy()
        made[name] = made[name].assign(updated=connected[account - 1], ahead=False)
    crm = Crm(**{name: _known(frame, name) for name, frame in made.items()})
    crm = contacts.with_texts(today, crm, rows["live_texts"], rows["live_texted_people"])
    return Live(agents, network, business, contacts.happened(today, contacts.LEAD, crm))


def _known(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Mark rows as V1 has them; what has no id is no row of a source."""
    if "id" not in frame or "ahead" in frame:
        return frame
    updated = frame["updated" if "updated" in frame else _SINCE[name]]
    return frame.assign(updated=np.minimum(updated.to_numpy(), LAST), ahead=False)


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    """Say which source tells of each deal or listing."""
    old = (frame["created"] < SKYSLOPE_UNTIL) & (frame["id"] % 5 < 2)
    return frame.assign(told_in=np.where(old, "skyslope", "rezen"))


def _with_live_only(
    today: Round, source: str, wanted: tuple[int, int], business: Business, world: Known, keyed: Ints
) -> Business:
    """Add deals and listings that V1 never got; those in reZEN belong to agents whose key tells of them."""
    only = keyed if source == "rezen" else None
    seed = today.branch(f"only in {source}")
    deals = newcomers.candidates(seed, wanted[0], world.agents, world.teams, only)
    order = today.chance(f"{source} deals").permutation(len(deals))[: wanted[0]]
    new = newcomers.story(seed, deals.iloc[order], wanted[1], world.agents, world.teams, business, only=only)
    return trading.with_new(today, business, new, source)
