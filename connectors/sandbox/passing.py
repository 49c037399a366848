"""The passing of days: what the next one brings to every source, and what of it V1 hears.

Belongs here: the order of a day, and how V1's frames follow. Does not belong here: what happens in the business
(`connectors/sandbox/trading.py`), among the agents (`connectors/sandbox/downline.py`) or in the CRM
(`connectors/sandbox/contacts.py`).

A day has two rounds. In the first, things happen that V1's importer fetches as well; in the second, later that day,
those it misses. V1's frames never lose a row, because they are looked up by position: `gone` marks what V1 deleted,
`born` the day a row came on, `changed` the moment V1 last wrote it.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.sandbox import contacts, downline, newcomers, trading
from connectors.sandbox.business import Business
from connectors.sandbox.chance import Ints
from connectors.sandbox.crm import Crm
from connectors.sandbox.days import DAY, LAST, NEVER
from connectors.sandbox.frames import LIVE_ONLY, Round, added, changed
from connectors.sandbox.live import SOURCES, Live

if TYPE_CHECKING:
    from connectors.sandbox.world import World

_NEW_DEALS, _NEW_LISTINGS, _NEW_ASIDE = 0.0006, 0.0008, 0.00004
"""Shares of the deals and listings there are; the last one a source, of what V1 misses."""

_UNHEARD = ("credits", "text_messages")
"""Frames V1 does not follow row by row: the first has no rows of a source, the other V1 never fetches."""


def next_day(world: World, seed: int) -> World:
    """Let a day pass over the world, in V1 and in the live sources."""
    number = world.day + 1
    begin = LAST + number * DAY
    keyed = world.users.loc[world.users["rezen_key"], "agent_id"].to_numpy()
    everywhere = Round(seed, number, begin, in_v1=True, v1_rows=_rows(world))
    heard = _everywhere(everywhere, world.live, world.teams)
    live = _aside(Round(seed, number, begin, in_v1=False), heard, world.teams, keyed)
    before = world.live
    return replace(
        world,
        agents=_followed(everywhere, world.agents, before.agents, heard.agents),
        network=_followed(everywhere, world.network, before.network, heard.network),
        business=_business(everywhere, world.business, before.business, heard.business),
        crm=_crm(everywhere, world.crm, before.crm, heard.crm),
        live=live,
        day=number,
        today=world.today + timedelta(days=1),
    )


def _rows(world: World) -> dict[str, int]:
    """Count V1's rows; the CRM's deals are not the brokerage's."""
    counted = {"agents": len(world.agents), "network": len(world.network), "crm deals": len(world.crm.deals)}
    for kind, part in ((Crm, world.crm), (Business, world.business)):
        counted |= {one.name: len(getattr(part, one.name)) for one in fields(kind)}
    return counted


def _everywhere(today: Round, live: Live, teams: pd.DataFrame) -> Live:
    """What V1's importer sees, too."""
    business, agents = trading.happened(today, trading.DAILY, live.business, live.agents)
    business = trading.paid(today, trading.vanished(today, business))
    agents = downline.happened(today, downline.DAILY, agents)
    agents, network = downline.joined(today, agents, live.network)
    network = downline.followed(today, network, live.agents, agents)
    business = _with_new(today, business, "rezen", (_NEW_DEALS, _NEW_LISTINGS), agents, teams)
    crm = contacts.happened(today, contacts.DAILY, contacts.vanished(today, live.crm))
    return Live(agents, network, business, crm)


def _aside(today: Round, live: Live, teams: pd.DataFrame, keyed: Ints) -> Live:
    """What it does not see; every source has something of that."""
    business, agents = trading.happened(today, trading.ASIDE, live.business, live.agents)
    business = trading.vanished(today, business)
    agents = downline.happened(today, downline.ASIDE, agents)
    network = downline.followed(today, live.network, live.agents, agents)
    for source in SOURCES:
        only = keyed if source == "rezen" else None
        business = _with_new(today, business, source, (_NEW_ASIDE, _NEW_ASIDE), agents, teams, only)
    crm = contacts.happened(today, contacts.ASIDE, contacts.vanished(today, live.crm))
    return Live(agents, network, business, crm)


def _with_new(
    today: Round,
    business: Business,
    source: str,
    shares: tuple[float, float],
    agents: pd.DataFrame,
    teams: pd.DataFrame,
    only: Ints | None = None,
) -> Business:
    """Add deals and listings that begin today, as a source tells them; `only` says whose they may be."""
    wanted = [max(round(share * len(business.deals)), 1 + today.in_v1) for share in shares]
    wanted[1] *= source != "dotloop"
    seed = today.branch(f"new in {source}")
    running = newcomers.begun_on(
        seed, today.day, newcomers.candidates(seed, wanted[0] * 8, agents, teams, only), agents
    )
    order = today.chance(f"new in {source}").permutation(len(running))[: wanted[0]]
    made = newcomers.story(
        seed, running.iloc[order], wanted[1], agents, teams, business, only=only, offered_on=today.day
    )
    return trading.with_new(today, business, made, source)


def _business(today: Round, v1: Business, before: Business, after: Business) -> Business:
    """V1's business after the first round: its credits follow the deals."""
    new = after.credits["deal_id"].isin(after.deals["id"][~after.deals["id"].isin(before.deals["id"])])
    return replace(
        v1,
        credits=added(v1.credits, after.credits[new]),
        **{
            one.name: _followed(today, *(getattr(part, one.name) for part in (v1, before, after)))
            for one in fields(v1)
            if one.name not in _UNHEARD
        },
    )


def _crm(today: Round, v1: Crm, before: Crm, after: Crm) -> Crm:
    names = [one.name for one in fields(v1) if one.name not in _UNHEARD]
    followed = {name: _followed(today, *(getattr(part, name) for part in (v1, before, after))) for name in names}
    return replace(v1, **followed)


def _followed(today: Round, v1: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Let a frame of V1 follow the live one through the first round of a day."""
    told = after[(after["updated"] >= today.day) & (after["id"] < LIVE_ONLY)]
    gone = before["id"][~before["id"].isin(after["id"]) & (before["id"] < LIVE_ONLY)]
    if told.empty and gone.empty:
        return v1
    if "born" not in v1:
        v1 = v1.assign(born=0, changed=NEVER.astype("datetime64[s]"), gone=False)
    told = told.assign(changed=told["updated"], born=today.number, gone=False)
    is_known = told["id"].isin(v1["id"])
    known, new = told[is_known], told[~is_known]
    columns = [name for name in v1.columns if name not in ("id", "born", "gone")]
    v1 = changed(v1, known["id"], **{name: known[name].to_numpy() for name in columns})
    v1 = changed(v1, gone[gone.isin(v1["id"])], gone=True)
    if (new["id"].to_numpy() != len(v1) + 1 + np.arange(len(new))).any():
        message = "sandbox: V1's rows are no longer numbered without gaps; see connectors/sandbox/passing.py"
        raise ValueError(message)
    return added(v1, new)
