"""What residents owe and have paid ahead: accounts, and per account and code the open amounts by age.

Belongs here: posting charges month by month, paying them, fees, credits. Does not belong here: what is charged
(`rents.py`).

A month's charges are posted on its first day and paid on one that is drawn for the unit and the month; a few never.
What is open on a day follows from these days alone. A code is owed or paid ahead, never both; `PREPAID`, `HOLD` and
`DEPREFUND` are credits. Ages are fiscal periods, which here are calendar months.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Ints, stream
from connectors.sandbox.properties.buildings import Site
from connectors.sandbox.properties.calendar import FAR, first_of, month_of
from connectors.sandbox.properties.rents import CHARGES

DESCRIPTIONS = {code: description for code, description, _ in CHARGES} | {
    "UTIL": "Utility Reimbursement",
    "LATE": "Late Charge",
    "NSF": "Returned Check Fee",
    "DAMAGE": "Damages",
    "CLEAN": "Cleaning",
    "APPFEE": "Application Fee",
    "MISCINC": "Miscellaneous Income",
    "LAUNDRY": "Laundry Income",
    "PREPAID": "Prepaid Rent",
    "HOLD": "Holding Deposit",
    "DEPREFUND": "Deposit Refund",
}
"""Of every code that can be open."""

_MONTHS = 13
_WRITTEN_OFF = 240
_MONTHLY = ("RENT", "RENTSTEP", "PETRENT", "PARKING", "TRASH")

_STATUS = {
    "current": "Current resident",
    "eviction": "Current resident",
    "notice": "NTV",
    "future": "Pending resident",
    "applicant": "Applicant",
    "past": "Former resident",
    "denied": "Former applicant",
    "cancelled": "Former applicant",
}


def posted(site: Site, leases: pd.DataFrame, households: pd.DataFrame, today: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what one property has posted and not been paid, and the households with how often they paid late.

    Args:
        site: the property.
        leases: of all stays, with charges and days.
        households: the frame of those on file, with statuses.
        today: the day.
    """
    billed, late = _months(site, leases, today)
    of_people = pd.concat([billed, _moving_out(site, households, today), _applying(site, households, today)])
    of_people = of_people[of_people["household_id"].isin(households["household_id"])]
    of_people["account_no"] = of_people["household_id"]
    nobodys = _miscellaneous(site, today).assign(account_no=site.ids + 9_000_001)
    made = pd.concat([of_people, nobodys], ignore_index=True).assign(site_id=site.site_id)
    made["periods"] = np.clip(int(month_of(today)) - month_of(made.pop("posted").to_numpy()), 0, 3)
    counts = late.reindex(households["household_id"]).fillna(0).astype(np.int64)
    return made, households.assign(late_count=counts["late"].to_numpy(), nsf_count=counts["nsf"].to_numpy())


def opened(
    posted: pd.DataFrame, households: pd.DataFrame, units: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the open lines by account and code, the accounts that have any, and the households with their balances."""
    lines = _described(_aged(posted), households, units)
    balance = lines.groupby("account_no")["balance_cents"].sum().reindex(households["household_id"]).fillna(0)
    households = households.assign(balance_cents=balance.to_numpy().astype(np.int64), pending_cents=0)
    return lines, _accounts(lines, households), households


def _habits(site: Site, month: int) -> tuple[Ints, Array, Array]:
    """Draw for each unit of a month: days from its first until it is paid, is a check returned?, and more."""
    u = stream(site.seed, f"payments {month}").random((8, site.homes))
    lag = np.select(
        [u[0] < 0.80, u[0] < 0.93, u[0] < 0.98, u[0] < 0.996],
        [-(u[1] * 7), 1 + u[1] * 5, 6 + u[1] * 20, 26 + u[1] * 75],
        120 + u[1] * 280,
    )  # fmt: skip
    days = np.trunc(lag).astype(np.int64)
    return days, (u[2] < 0.06) & (days > 0) & (days < 6), u[3:]


def _months(site: Site, leases: pd.DataFrame, today: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is open of the months' charges, and how often each household paid late in the last year."""
    columns = ["household_id", "place", "begin", "end", "moved_out", "last", "evict", "rent_cents", "other_cents"]
    columns += [f"charge_{code}" for code in (*_MONTHLY, "MTMFEE")]
    whole = {column: leases[column].to_numpy() for column in columns}
    over = np.where(whole["last"], whole["moved_out"], whole["end"] + 1)
    now = int(month_of(today))
    parts, late = [], []
    for month in range(now - _MONTHS + 1, now + 2):
        first = int(first_of(month))
        billed = np.flatnonzero((whole["begin"] <= first) & (over > first) & (whole["moved_out"] > first))
        rows = {column: values[billed] for column, values in whole.items()}
        lag, check, u = (one[..., rows["place"]] for one in _habits(site, month))
        for code, posted, cents, there in _of_month(rows, lag, check, u, first, today):
            chosen = np.flatnonzero(there & (cents != 0))
            parts.append((rows["household_id"][chosen], code, posted, cents[chosen]))
        if month <= now:
            is_late, returned = (lag > 5) & (first + 5 <= today), check & (first + 3 <= today)
            late.append((rows["household_id"], is_late, returned))
    counts = pd.DataFrame(
        dict(zip(("household_id", "late", "nsf"), map(np.concatenate, zip(*late, strict=True)), strict=True))
    )
    return _posted(parts), counts.groupby("household_id").sum()


def _of_month(
    rows: dict[str, Array], lag: Ints, check: Array, u: Array, first: int, today: int
) -> list[tuple[str, int, Array, Array]]:
    """Return code, day posted, cents, and whether they are open, of a month's charges, fees and money paid ahead."""
    paid = np.where(rows["evict"] <= first + 60, FAR, first + lag)
    paid = np.minimum(paid, rows["moved_out"] + _WRITTEN_OFF)
    unpaid = (paid > today) & (first <= today)
    used, ahead = first - 17, (paid <= today) & (first > today)
    whole = rows["rent_cents"] + rows["other_cents"]
    over = (u[2] < np.where(lag > 5, 0.35, 0.09)) & (first + 2 <= today) & (first + 20 + u[3] * 110 > today)
    size = len(lag)
    return [
        *((code, first, rows[f"charge_{code}"], unpaid) for code in _MONTHLY),
        ("MTMFEE", first, rows["charge_MTMFEE"], unpaid & (rows["end"] < first)),
        ("UTIL", used, 2_500 + (u[0] * 6_500).astype(np.int64), (paid > today) & (used <= today) & (u[1] < 0.12)),
        ("LATE", first + 4, np.full(size, 7_500), unpaid & (first + 4 <= today)),
        ("NSF", first + 3, np.full(size, 3_500), check & (first + 3 <= today) & (first + 25 > today)),
        ("PREPAID", int(first_of(month_of(today))), -whole, ahead),
        ("PREPAID", first + 2, -(1_000 + (u[4] * 30_000).astype(np.int64)), over),
    ]


def _posted(parts: Sequence[tuple[Array, str, Array | int, Array]]) -> pd.DataFrame:
    """Put posted amounts into one frame: household, code, day, cents of each."""
    sizes = [len(owner) for owner, *_ in parts]
    return pd.DataFrame(
        {
            "household_id": np.concatenate([owner for owner, *_ in parts]),
            "code": np.repeat(np.array([code for _, code, *_ in parts], dtype=object), sizes),
            "posted": np.concatenate([np.broadcast_to(day, n) for (_, _, day, _), n in zip(parts, sizes, strict=True)]),
            "cents": np.concatenate([cents for *_, cents in parts]),
        }
    )


def _of_household(site: Site, name: str, households: pd.DataFrame) -> Array:
    """Draw four numbers for each household by its id, whoever else is on file."""
    ids = households["household_id"].to_numpy() % 1_000_000
    table = stream(site.seed, name).random((4, 4_096))
    return table[:, (ids * 7_919) % 4_096]


def _days(values: pd.Series) -> Array:
    """Return days of a frame as whole numbers, `FAR` for never."""
    days = values.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), FAR, days.astype(np.int64))


def _moving_out(site: Site, households: pd.DataFrame, today: int) -> pd.DataFrame:
    """Return what those who left still owe, and deposits not yet sent back."""
    left = households[households["status"] == "past"]
    u = _of_household(site, "moving out", left)
    owner, day = left["household_id"].to_numpy(), _days(left["move_out_on"])
    billed = day + 7
    paid = np.where(u[0] < 0.5, billed + 20 + (u[1] * 60).astype(np.int64), day + _WRITTEN_OFF)
    owing = (u[2] < 0.3) & (billed <= today) & (paid > today)
    refund = (u[2] > 0.8) & (day + 24 > today)
    damage, clean = 15_000 + (u[3] * 90_000).astype(np.int64), 8_500 + (u[1] * 6_000).astype(np.int64)
    return _posted(
        [
            (owner[owing], "DAMAGE", billed[owing], damage[owing]),
            (owner[owing], "CLEAN", billed[owing], clean[owing]),
            (owner[refund], "DEPREFUND", day[refund], -(5_000 + (u[3][refund] * 25_000).astype(np.int64))),
        ]
    )


def _applying(site: Site, households: pd.DataFrame, today: int) -> pd.DataFrame:
    """Return the open fees of applicants, and what future residents paid to hold a unit."""
    u = _of_household(site, "applying", households)
    owner, applied = households["household_id"].to_numpy(), _days(households["applied_on"])
    word = households["status"].to_numpy()
    fee = np.isin(word, ("applicant", "denied", "cancelled")) & (u[0] < 0.3) & (applied + 120 > today)
    hold = (word == "future") & (u[0] < 0.5)
    return _posted(
        [
            (owner[fee], "APPFEE", applied[fee], np.full(int(fee.sum()), 5_000)),
            (owner[hold], "HOLD", applied[hold], np.full(int(hold.sum()), -20_000)),
        ]
    )


def _miscellaneous(site: Site, today: int) -> pd.DataFrame:
    """Return what is open of income that is nobody's who lives here: always something."""
    month = int(month_of(today))
    parts = []
    for back in range(3):
        amounts = stream(site.seed, f"miscellaneous {month - back}").integers(2_500, 40_000, 2).tolist()
        posted = int(first_of(month - back))
        parts.append((np.array([0]), "MISCINC", posted, np.array([amounts[0]])))
        parts.append((np.array([0]), "LAUNDRY", posted, np.array([amounts[1] // 4])))
    return _posted(parts)


def _aged(posted: pd.DataFrame) -> pd.DataFrame:
    """Add up what is open by account and code, in fiscal periods back."""
    named = ("bucket_0_cents", "bucket_30_cents", "bucket_60_cents", "bucket_90_cents")
    for number, column in enumerate(named):
        posted[column] = np.where(posted["periods"] == number, posted["cents"], 0)
    keys = ["site_id", "account_no", "household_id", "code"]
    made = posted.groupby(keys, as_index=False)[["cents", *named]].sum().rename(columns={"cents": "balance_cents"})
    balance = made["balance_cents"]
    return made.assign(
        includes_nsf=made["code"] == "NSF",
        prepaid_cents=balance.clip(upper=0),
        delinquent_cents=balance.clip(lower=0),
    )


def _described(made: pd.DataFrame, households: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Add whose account it is, and how they stand."""
    misc = (made["household_id"] == 0).to_numpy()
    found = households.set_index("household_id").reindex(made["household_id"])
    unit = found["unit_id"].fillna(0).to_numpy().astype(np.int64)
    labels = units.set_index("unit_id")["label"].reindex(unit).fillna("NONE").to_numpy()
    approved = (found["status"] == "applicant").to_numpy() & found["approved_on"].notna().to_numpy()
    word = np.select([misc, approved], ["Misc. Income", "Approved applicant"], found["status"].map(_STATUS).to_numpy())
    made["description"] = made["code"].map(DESCRIPTIONS)
    made = made.assign(unit_id=unit, unit_label=labels, status=word, prorate_cents=0)
    order = (
        "site_id account_no household_id unit_id unit_label status code description prepaid_cents delinquent_cents "
        "balance_cents bucket_0_cents bucket_30_cents bucket_60_cents bucket_90_cents prorate_cents includes_nsf"
    ).split()
    return made[order].sort_values(["account_no", "code"], kind="stable", ignore_index=True)


def _accounts(made: pd.DataFrame, households: pd.DataFrame) -> pd.DataFrame:
    first = ["site_id", "account_no", "household_id", "unit_id", "unit_label", "status"]
    sums = ["balance_cents", "prepaid_cents", "delinquent_cents"]
    frame = made.groupby(first, as_index=False, sort=False).agg(
        dict.fromkeys(sums, "sum") | {"code": "count"}
    ).rename(columns={"code": "lines"})  # fmt: skip
    found = households.set_index("household_id").reindex(frame["household_id"])
    for column in ("move_in_on", "move_out_on"):
        frame[column] = found[column].to_numpy()
    for column in ("deposits_cents", "outstanding_deposit_cents", "late_count", "nsf_count"):
        frame[column] = found[column].fillna(0).to_numpy().astype(np.int64)
    frame["in_eviction"] = found["eviction"].eq(True).to_numpy()
    return frame
