"""Who lives in which unit when: the whole life of a property, before and after the world's first day.

Belongs here: stays, with the days they are applied for, signed, begun, given notice of and ended; the terms of their
leases. Does not belong here: what of it is known on a day (`states.py`), who these people are (`people.py`).

Nothing here depends on today. A unit's life is one row of stays: the one of the first day, whose states are given
exactly, those before it made backwards, those after it made forwards. Later days only read further along it: the past
stays as it was, and any number of days forward is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Bools, Ints, stream
from connectors.sandbox.properties.buildings import Site
from connectors.sandbox.properties.calendar import ANCHOR, FAR, HISTORY, add_months, back, on
from connectors.sandbox.properties.transfers import with_transfers

MOST_LEASES = 8
"""No stay has more leases than this."""

_AHEAD = 400
"""Stays are made so many days further than anyone looks, so that what is planned today does not change tomorrow."""

_MEAN_STAY = 800
_TERMS = np.array([12, 12, 12, 12, 13, 14, 15, 9, 6])


@dataclass(frozen=True)
class Cycle:
    """One stay in each unit, in order of the units; `there` where there is one.

    `terms` are the months of its leases, one after the other; `leases` how many there are.
    """

    there: Bools
    begin: Ints
    end: Ints
    terms: Ints
    leases: Ints
    notice: Ints
    notice_for: Ints
    evict: Ints
    signed: Ints


@dataclass(frozen=True)
class FirstDay:
    """What the units are on the world's first day, and until when some are off the market."""

    state: Array
    back_on: Ints
    vacancy: int


def first_day(site: Site) -> FirstDay:
    """Deal out the states of the first day: as many occupied as the property is known to have."""
    occupied = int(site.row["first_day_occupied"])
    vacant = site.homes - occupied
    chance = stream(site.seed, "first day")
    order = chance.permutation(site.homes)
    off_market = 1 + (vacant > 10) + (vacant > 30)
    down = int(vacant >= 8) + (vacant > 40)
    counts = {
        "ON": max(2, occupied * 4 // 100),
        "OL": max(2, occupied * 25 // 1000),
        "VL": max(2, min(vacant * 27 // 100, occupied * 4 // 100)),
        "VM": off_market,
        "VD": down,
    }
    counts["VU"] = vacant - counts["VL"] - off_market - down
    states = np.full(site.homes, "O", dtype="<U2")
    first = occupied - counts["ON"] - counts["OL"]
    for name in ("ON", "OL", "VU", "VL", "VM", "VD"):
        states[order[first : first + counts[name]]] = name
        first += counts[name]
    off = np.isin(states, ("VM", "VD"))
    back_on = np.where(off, ANCHOR + chance.integers(60, 400, site.homes), 0)
    vacancy = min(max(_MEAN_STAY * (vacant - off_market - down) // occupied, 15), 500)
    return FirstDay(states, back_on, vacancy)


def stays(site: Site, today: int) -> pd.DataFrame:
    """Make every stay that begins until `_AHEAD` days after today, by cycle and unit."""
    known = first_day(site)
    now = _now(site, known)
    cycles = {0: now}
    number, following = 0, _next_begin(site, known, now)
    while True:  # backwards
        number -= 1
        made = _before(site, known, number, following, cycles[number + 1])
        if not made.there.any():
            break
        cycles[number] = made
        following = made.begin
    cycles[-1] = _noticed_in_time(cycles[-1], _first_signed(site, known, now))
    number, latest = 0, now
    while True:  # forwards
        number += 1
        latest = _after(site, known, number, latest)
        cycles[number] = latest
        if latest.begin.min() > today + _AHEAD:
            break
    frame = pd.concat([_frame(site, number, cycle) for number, cycle in sorted(cycles.items())], ignore_index=True)
    return with_transfers(site.seed, frame)


def _drawn(site: Site, number: int) -> Array:
    return stream(site.seed, f"stay {number}").random((20, site.homes))


def _between(share: Array, low: int, high: int) -> Ints:
    return low + (share * (high - low + 1)).astype(np.int64)


def _now(site: Site, known: FirstDay) -> Cycle:
    """Make the stays of the first day."""
    u = _drawn(site, 0)
    there = np.isin(known.state, ("O", "ON", "OL"))
    noticed = np.isin(known.state, ("ON", "OL"))
    term = _TERMS[(u[0] * len(_TERMS)).astype(np.int64)]
    overdue = noticed & (u[1] < 0.08)
    planned = np.where(overdue, ANCHOR - _between(u[2], 1, 4), ANCHOR + _between(u[2], 1, 55))
    monthly = ~noticed & (u[3] < 0.05)
    begun = back(ANCHOR - (u[4] * term * 27).astype(np.int64))
    ended = back(np.where(noticed, planned + 1, ANCHOR - _between(u[4], 1, 100)))
    begun = np.where(noticed | monthly, add_months(ended, -term), begun)
    before = sum((u[5] < share).astype(np.int64) for share in (0.5, 0.27, 0.13, 0.05))
    more = sum((u[6] < share).astype(np.int64) for share in (0.55, 0.3, 0.16))
    lead = np.where(u[7] < 0.1, _between(u[8], 2, 10), _between(u[8], 20, 75))
    holdover = np.where(u[9] < 0.12, _between(u[10], 5, 120), 0)
    soon = ~noticed & ~monthly & (add_months(begun, term) - 1 + holdover - lead <= ANCHOR) & (more == 0)
    more = np.where(noticed | monthly, 0, np.where(soon & (u[11] < 0.6), 1, more))
    leave = add_months(begun, term + 12 * more) - 1 + holdover
    notice = leave - lead
    late = ~noticed & (notice <= ANCHOR)
    notice = np.where(late, ANCHOR + _between(u[12], 1, 20), notice)
    leave = np.where(late, np.maximum(leave, notice + _between(u[13], 7, 40)), leave)
    given = np.minimum(planned, ANCHOR) - _between(u[8], 4, 44)
    leave = np.where(noticed, np.where(overdue, ANCHOR + _between(u[13], 1, 5), planned), leave)
    notice = np.where(noticed, given, notice)
    dateless = np.zeros(site.homes, dtype=bool)
    if noticed.sum() >= 8:
        dateless[np.flatnonzero(known.state == "ON")[0]] = True
    terms = np.full((site.homes, MOST_LEASES), 12)
    terms[np.arange(site.homes), before] = term
    evicted = (u[14] < 0.012) & there
    return Cycle(
        there=there,
        begin=np.where(there, add_months(begun, -12 * before), FAR),
        end=np.where(there, leave, FAR),
        terms=terms,
        leases=before + 1 + more,
        notice=np.where(there, notice, FAR),
        notice_for=np.where(dateless | ~there, FAR, np.where(noticed, planned, leave)),
        evict=np.where(evicted, np.minimum(leave - _between(u[15], 30, 60), ANCHOR - 3), FAR),
        signed=np.where(there, add_months(begun, -12 * before) - _lead_in(u), FAR),
    )


def _lead_in(u: Array) -> Ints:
    """Return how many days before the move the lease is signed."""
    return np.where(u[16] < 0.06, _between(u[17], 61, 90), _between(u[17], 4, 45))


def _first_signed(site: Site, known: FirstDay, now: Cycle) -> Ints:
    """Return when the stay after that of cycle -1 was signed: of vacant units the first one to come."""
    return np.where(now.there, now.signed, _after(site, known, 1, now).signed)


def _next_begin(site: Site, known: FirstDay, now: Cycle) -> Ints:
    """Return the day before which the stay of cycle -1 ended, some time of vacancy included; `FAR`: nobody was there.

    Of vacant units it is chosen such that the days vacant are as wanted.
    """
    u = _drawn(site, -1)
    off = np.isin(known.state, ("VM", "VD"))
    vacant = np.where(u[18] < 0.22, _between(u[19], 91, 260), _between(u[19], 1, 75))
    ended = ANCHOR - np.where(off, _between(u[19], 100, 700), vacant)
    new = ~now.there & (u[0] < (0.3 if site.row["slug"] == "ridian" else 0.06))
    return np.where(now.there, now.begin, np.where(new, FAR, ended))


def _before(site: Site, known: FirstDay, number: int, following: Ints, after: Cycle) -> Cycle:
    """Make the stays before those that begin at `following`."""
    u = _drawn(site, number)
    gap = np.where((number == -1) & ~after.there, 0, _gap(u, known))
    wanted = following - gap
    there = (following < FAR) & (wanted >= HISTORY - 160)
    holdover = np.where(u[1] < 0.12, _between(u[2], 5, 120), 0)
    leases = 1 + sum((u[3] < share).astype(np.int64) for share in (0.55, 0.3, 0.16))
    terms = np.full((site.homes, MOST_LEASES), 12)
    terms[:, 0] = _TERMS[(u[4] * len(_TERMS)).astype(np.int64)]
    ended = back(np.where(there, wanted - holdover, ANCHOR) + 1)
    months = terms[:, 0] + 12 * (leases - 1)
    begin = add_months(ended, -months)
    leave = ended - 1 + holdover
    lead = np.where(u[7] < 0.1, _between(u[8], 2, 10), _between(u[8], 20, 75))
    made = _ending(u, there, begin, leave, leave - lead)
    made = replace(made, terms=terms, leases=leases, signed=np.where(there, begin - _lead_in(u), FAR))
    return _noticed_in_time(made, after.signed) if after.there.any() else made


def _noticed_in_time(cycle: Cycle, next_signed: Ints) -> Cycle:
    """Nobody signs for a unit before its notice is given."""
    given = cycle.notice < FAR
    notice = np.where(given, np.minimum(cycle.notice, next_signed - 2), FAR)
    return replace(cycle, notice=notice)


def _gap(u: Array, known: FirstDay) -> Ints:
    return 4 + (known.vacancy * (0.3 + 1.4 * u[6])).astype(np.int64)


def _ending(u: Array, there: Bools, begin: Ints, leave: Ints, notice: Ints) -> Cycle:
    """Say how stays end: with notice, overdue, without a date, or by eviction, noticed or not."""
    evicted = u[14] < 0.025
    silent = evicted & (u[15] < 0.6)
    overdue = u[9] < 0.06
    dateless = (u[9] > 0.98) & ~evicted
    planned = np.where(overdue, leave - _between(u[10], 1, 5), np.where(dateless, FAR, leave))
    none = np.zeros_like(begin)
    return Cycle(
        there=there,
        begin=np.where(there, begin, FAR),
        end=np.where(there, leave, FAR),
        terms=none,
        leases=none,
        notice=np.where(there & ~silent, np.maximum(notice, begin + 10), FAR),
        notice_for=np.where(there & ~silent, planned, FAR),
        evict=np.where(there & evicted, leave - _between(u[11], 30, 60), FAR),
        signed=none,
    )


def _after(site: Site, known: FirstDay, number: int, before: Cycle) -> Cycle:
    """Make the stays that follow."""
    u = _drawn(site, number)
    given = np.where(before.notice < FAR, before.notice, before.end)
    free = before.end + _gap(u, known)
    earliest = given + 3
    lead = _lead_in(u)
    if number == 1:
        state, back_on = known.state, known.back_on
        wait = 3 + (known.vacancy * 1.1 * u[6]).astype(np.int64)
        free = np.select(
            [state == "VU", state == "VL", back_on > 0, state == "OL"],
            [ANCHOR + wait, ANCHOR + 1 + np.where(u[16] < 0.12, 62, 0) + _between(u[6], 0, 40),
             back_on + _between(u[6], 20, 90), before.end + _between(u[6], 5, 20)],
            free,
        )  # fmt: skip
        earliest = np.where(back_on > 0, back_on + 1, np.where(state == "O", earliest, ANCHOR + 1))
    begin = on(free)
    signed = np.maximum(begin - lead, earliest)
    if number == 1:
        signed = np.where(state == "OL", before.notice + 1 + (u[17] * (ANCHOR - before.notice - 1)).astype(int), signed)
        signed = np.where(state == "VL", ANCHOR - _between(u[17], 0, 20), signed)
    begin = np.where(signed > begin, on(signed + 1), begin)
    leases = 1 + sum((u[3] < share).astype(np.int64) for share in (0.55, 0.3, 0.16, 0.08))
    terms = np.full((site.homes, MOST_LEASES), 12)
    terms[:, 0] = _TERMS[(u[4] * len(_TERMS)).astype(np.int64)]
    holdover = np.where(u[1] < 0.12, _between(u[2], 5, 120), 0)
    leave = add_months(begin, terms[:, 0] + 12 * (leases - 1)) - 1 + holdover
    early = (u[5] < 0.03) & (holdover == 0)
    leave = np.where(early, begin + _between(u[13], 70, 170), leave)
    notice_lead = np.where(u[7] < 0.1, _between(u[8], 2, 10), _between(u[8], 20, 75))
    made = _ending(u, np.ones(site.homes, dtype=bool), begin, leave, leave - notice_lead)
    return replace(made, terms=terms, leases=leases, signed=signed)


def _frame(site: Site, number: int, cycle: Cycle) -> pd.DataFrame:
    """List the stays of a cycle, with the application before each."""
    place = np.flatnonzero(cycle.there)
    u = stream(site.seed, f"application {number}").random((3, site.homes))[:, place]
    signed = cycle.signed[place]
    applied = signed - _between(u[0], 1, 6)
    return pd.DataFrame(
        {
            "cycle": number,
            "place": place,
            "household_id": site.ids + 100_000 + (number + 10) * 10_000 + place,
            "applied": applied,
            "approved": applied + (u[1] * (signed - applied + 1)).astype(np.int64),
            "signed": signed,
            "begin": cycle.begin[place],
            "end": cycle.end[place],
            "notice": cycle.notice[place],
            "notice_for": cycle.notice_for[place],
            "evict": cycle.evict[place],
            "leases": cycle.leases[place],
            "terms": list(cycle.terms[place]),
        }
    )
