"""Made-up people: the members of households, and their names.

Belongs here: names, telephone numbers, e-mail addresses, birth dates. Does not belong here: what anyone does.
No person is meant; telephone numbers are those kept for fiction, addresses end in `.example`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Ints, stream
from connectors.sandbox.names import FIRST, LAST, SLUGS
from connectors.sandbox.properties.buildings import Site
from connectors.sandbox.properties.calendar import ANCHOR, moments
from connectors.sandbox.properties.draws import drawn

_FIRST, _LAST = np.array(FIRST, dtype=object), np.array(LAST, dtype=object)

_KINDS = (
    # relationship, how often, adult, signer, guarantor, shares the head's last name
    ("H", 1.0, True, True, False, True),
    ("S", 0.34, True, True, False, True),
    ("R", 0.1, True, True, False, False),
    ("O", 0.22, False, False, False, True),
    ("G", 0.05, True, False, True, True),
)


def names(seed: int, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Draw a first and a last name for each row."""
    u = drawn(seed, name, rows, 2, by="stay")
    return pd.DataFrame(
        {
            "first": _FIRST[(u[0] * len(_FIRST)).astype(np.int64)],
            "last": _LAST[(u[1] * len(_LAST)).astype(np.int64)],
        }
    )


def shared_names(site: Site, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the names of the heads of the households of these rows."""
    return names(site.seed, "heads", rows)


def some_names(seed: int, name: str, count: int) -> Array:
    """Draw a few whole names."""
    chance = stream(seed, name)
    first, last = chance.integers(0, len(_FIRST), count), chance.integers(0, len(_LAST), count)
    return np.array([f"{_FIRST[a]} {_LAST[b]}" for a, b in zip(first, last, strict=True)], dtype=object)


def phones(ids: Ints) -> list[str]:
    """Return a telephone number that is nobody's."""
    return [f"(303) 555-01{n % 100:02d}" for n in ids.tolist()]


def emails(people: pd.DataFrame, ids: Ints) -> list[str]:
    """Return an address of each."""
    pairs = zip(people["first"], people["last"], ids.tolist(), strict=True)
    return [f"{SLUGS[first]}.{SLUGS[last]}{n % 10_000}@mail.example" for first, last, n in pairs]


def codes(letter: str, ids: pd.Series[int]) -> list[str]:
    """Return Yardi's codes of these ids."""
    return [f"{letter}{n:09d}" for n in ids.tolist()]


def members(site: Site, households: pd.DataFrame) -> pd.DataFrame:
    """List who belongs to each household (with `cycle` and `place`), its head first."""
    u = drawn(site.seed, "members", households, 2 * len(_KINDS), by="stay")
    heads = shared_names(site, households)
    parts = []
    for number, (relationship, share, adult, signer, guarantor, same_name) in enumerate(_KINDS):
        chosen = np.flatnonzero(u[2 * number] < share)
        own = names(site.seed, f"member {number}", households.iloc[chosen]).reset_index(drop=True)
        if number == 0:
            own = heads
        last = heads["last"].to_numpy()[chosen] if same_name else own["last"].to_numpy()
        own = own.assign(last=last)
        ids = households["household_id"].to_numpy()[chosen] * 10 + number
        age = (u[2 * number + 1][chosen] * 45 + 21) if adult else (u[2 * number + 1][chosen] * 16 + 1)
        parts.append(
            pd.DataFrame(
                {
                    "site_id": site.site_id,
                    "member_id": ids,
                    "household_id": households["household_id"].to_numpy()[chosen],
                    "first": own["first"],
                    "last": own["last"],
                    "phone_home": "",
                    "phone_cell": phones(ids) if adult else "",
                    "email": emails(own, ids) if adult else "",
                    "birth_on": moments(ANCHOR - (age * 365).astype(np.int64)),
                    "is_head": number == 0,
                    "relationship": relationship,
                    "is_adult": adult,
                    "is_signer": signer,
                    "is_guarantor": guarantor,
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values("member_id", ignore_index=True)
