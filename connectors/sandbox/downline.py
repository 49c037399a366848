"""Agents and the networks they are in, as they change.

Belongs here: agents that change or come, and the rows of networks that follow. Does not belong here: the first
shape of the networks (`connectors/sandbox/forest.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox import forest
from connectors.sandbox.chance import Array, Ints, uuids
from connectors.sandbox.frames import UNTOUCHED, Round, added, at
from connectors.sandbox.people import emails

LEAD, DAILY, ASIDE = 0.005, 0.0008, 0.0003
"""Shares of the agents that change: missed by V1 on the world's last day; on a day; of these missed by V1."""


def happened(today: Round, share: float, agents: pd.DataFrame) -> pd.DataFrame:
    """Change some agents: a number, an address, a status, the size of the network, in turn."""
    free = (agents["id"] > UNTOUCHED) & ~(agents["ahead"] & today.in_v1) & (agents["user_id"] == 0)
    free &= agents["status"].isin(["ACTIVE", "INACTIVE"])
    chosen = today.some("agents", agents["id"][free], share, len(agents), least=4)
    turn = (np.arange(len(chosen)) + today.number) % 4
    number, address, status, size = (chosen[turn == one] for one in range(4))

    def moments(ids: Ints, what: str) -> Array:
        return today.moments(f"agents' {what}", len(ids))

    phone = (at(agents, number)["phone"].to_numpy() + 13) % 100
    agents = today.changed(agents, number, moments(number, "numbers"), phone=phone)
    email = at(agents, address)["email"].str.replace("@", f"{today.number + 1}@").to_numpy()
    agents = today.changed(agents, address, moments(address, "addresses"), email=email)
    people = at(agents, status)
    leaves = (people["status"] == "ACTIVE").to_numpy()
    agents = today.changed(
        agents,
        status,
        moments(status, "statuses"),
        status=np.where(leaves, "INACTIVE", "ACTIVE"),
        left=np.where(leaves, today.day, np.datetime64("NaT")),
    )
    larger = at(agents, size)["network_size"].to_numpy() + 1
    return today.changed(agents, size, moments(size, "networks"), network_size=larger)


def followed(today: Round, network: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Mark the network rows of agents that a round has changed: they repeat what the agent says."""
    known = before.set_index("id")["updated"].reindex(after["id"]).to_numpy()
    touched = after[after["updated"].to_numpy() != known].set_index("id")["updated"]
    rows = network[network["member_id"].isin(touched.index) & (network["id"] > UNTOUCHED)]
    return today.changed(network, rows["id"], touched.loc[rows["member_id"]].to_numpy())


def missed(today: Round, count: int, network: pd.DataFrame, agents: pd.DataFrame, keyed: Ints) -> pd.DataFrame:
    """List members that V1 has not in the networks of the agents `keyed`.

    First those of the outermost tier that V1 never fetched; where it fetched all, agents that nobody sponsored and
    that have now joined under an owner.
    """
    sponsor = agents["sponsor_id"].to_numpy() - 1
    whole = forest.members(sponsor, keyed - 1, len(network) * 2 + 1_000) + {"owner": 1, "member": 1, "tier": 0}
    there = pd.MultiIndex.from_frame(network[["agent_id", "member_id"]])
    left_out = whole[~pd.MultiIndex.from_frame(whole[["owner", "member"]]).isin(there)]
    # The member of the broken chain is in one network only, and has to stay so.
    often = network.loc[network["member_id"].duplicated(), "member_id"]
    left_out = left_out[left_out["member"].isin(often)]
    order = today.chance("missed").permutation(len(left_out))[:count]
    chosen = left_out.iloc[np.sort(order)]
    if len(chosen) < count:
        alone = agents[~agents["id"].isin(network["member_id"]) & (agents["network_size"] == 0)]
        free = alone["id"][(alone["id"] > UNTOUCHED) & (alone["user_id"] == 0)]
        joining = today.some("joining", free, 0, 0, least=count - len(chosen))
        owner = today.chance("owners joined").permutation(np.resize(keyed, len(joining)))
        joined = pd.DataFrame({"owner": owner, "member": joining, "tier": 1})
        chosen = pd.concat([chosen, joined], ignore_index=True)
    return chosen.rename(columns={"owner": "agent_id", "member": "member_id"})


def with_members(today: Round, network: pd.DataFrame, new: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """Add members: whose network, who, at which tier. Nothing is noted about them yet."""
    count = len(new)
    sponsor = np.where(new["tier"] == 1, new["agent_id"], at(agents, new["member_id"])["sponsor_id"])
    rows = pd.DataFrame(
        {
            "id": today.last_id("network", network) + np.arange(1, count + 1),
            "user_id": at(agents, new["agent_id"])["user_id"].to_numpy(),
            "agent_id": new["agent_id"].to_numpy(),
            "member_id": new["member_id"].to_numpy(),
            "sponsor_id": sponsor,
            "tier": new["tier"].to_numpy(),
            "contribution_cents": 0,
            "contact_frequency": "",
            "last_contacted": np.datetime64("NaT"),
            "favorite": False,
            "collapsed": False,
            "sort_order": 0,
        }
    )
    return added(network, today.told(rows, today.moments("new members", count)))


def joined(today: Round, agents: pd.DataFrame, network: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Let an agent join under somebody in a network: a row more in each network up to five tiers above."""
    chance = today.chance("new agent")
    members = network["member_id"][network["tier"] < forest.TIERS]
    sponsor = int(members.iloc[int(chance.integers(0, len(members)))])
    like = agents[(agents["id"] > UNTOUCHED) & (agents["status"] == "ACTIVE") & (agents["user_id"] == 0)]
    new = like.iloc[[int(chance.integers(0, len(like)))]].copy()
    number = int(agents["id"].max()) + 1
    new = new.assign(
        id=number,
        uuid=uuids("agent", [number]),
        sponsor_id=sponsor,
        depth=at(agents, [sponsor])["depth"].to_numpy() + 1,
        network_size=0,
        joined=today.day,
        anniversary=today.day,
        left=np.datetime64("NaT"),
        from_outside=False,
        is_demo=False,
        cap_paid_cents=0,
        capped_at=np.datetime64("NaT"),
        team_id=0,
        leader_id=0,
        director_id=0,
        mentor_id=0,
        on_team=False,
    )
    new["email"] = emails(new, "agent")
    agents = added(agents, today.told(new, today.moments("new agent", 1)))
    above = forest.upline(agents["sponsor_id"].to_numpy() - 1, np.array([number - 1]), forest.TIERS)
    tiers = pd.DataFrame(
        {"agent_id": np.concatenate(above) + 1, "member_id": number, "tier": range(1, forest.TIERS + 1)}
    )
    return agents, with_members(today, network, tiers[tiers["agent_id"].isin(network["agent_id"])], agents)
