"""Delinquent and Prepaid's workbook (4260): accounts, a row a transaction code, totals, two summaries.

Belongs here: that report's layout, with each kind of row's own columns. Does not belong here: the ledger itself
(`connectors/sandbox/properties/`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from connectors.realpage_reports.render_page import Cells, Head, Line, day, dollars, printed_at, workbook
from connectors.sandbox.properties import PropertyWorld

_AMOUNTS = {"prepaid_cents": 23, "delinquent_cents": 29}
_BUCKETS = {"bucket_0_cents": 43, "bucket_30_cents": 48, "bucket_60_cents": 52, "bucket_90_cents": 55}
_NET = 39
_DAGGER = "\N{DAGGER}"

_LABELS: tuple[Cells, ...] = (
    {5: "\nName\nPhone\nEmail", 24: "\nTotal", 30: "\nTotal"},
    {
        1: "\nUnit",
        9: "\nStatus",
        13: "\nMove-In/Out",
        18: "\nCode Description",
        24: "Prepaid",
        30: "Delinquent",
        39: "\nNet\nBalance",
        43: "\nCurrent",
        48: "30\nDays",
        52: "60\nDays",
        55: "90+\nDays",
        59: "Prorate\nCredits",
        64: "Deposits\nHeld",
        70: "Outstanding\nDeposit",
        75: "# Late/\n# NSF",
    },
)

_SUMMARY_LABELS: Cells = {
    3: "Description",
    8: "Delinquent /\nPrepaid Account",
    14: "Beginning\nPrepaid",
    20: "Current\nPrepaid",
    26: "Change In\nPrepaid",
    31: "Beginning\nDelinquent",
    37: "Current\nDelinquent",
    42: "Change In\nDelinquent",
    46: "Beginning\nBalance",
    51: "Current\nBalance",
    55: "Change In\nBalance",
    61: "Current",
    68: "30 Days",
    71: "60 Days",
    73: "90+ Days",
}


def render(site: PropertyWorld, told: Mapping[str, Any]) -> bytes:
    """Print the report."""
    one = site.properties.iloc[0]
    as_of = one["property_date"]
    head: list[Cells] = [
        {},
        {1: "OneSite Rents v3.0", 14: f"{one['company']} - {one['name']}", 64: "Page {page} of {pages}"},
        {1: printed_at(as_of), 14: "DELINQUENT AND PREPAID", 64: "rpt-001-702"},
        {14: f"Fiscal Period {told['FiscalPeriod']} As of {day(as_of)}"},
    ]
    residents = told["residentStatus"].replace(",", ", ")
    filters: list[Cells] = [
        {},
        {1: f"Parameters: Subproperty: {told['SubProperty']}; Subjournal: {told['SubJournal']};"},
        {},
        {1: f"Resident status: {residents};"},
        {},
        {},
        {1: f"Report type: {told['reportType']}; Delinquent rent only: {told['DelinquentRentOnly']};"},
        {},
        {1: f"Aging Columns: {told['PeriodType']}; Minimum delinquent: {told['minimumDelinquent']};"},
        {},
        {},
        {},
        {1: f"Detail - {len(site.accounts)} Account(s)"},
        {},
    ]
    lines = [*map(Line, _LABELS), *_accounts(site), *_footer(site), *_summaries(site)]
    return workbook(Head([*head, *filters], [*head, {}], 46), lines)


def _accounts(site: PropertyWorld) -> Iterator[Line]:
    lines = dict(list(site.ledger.groupby("account_no", sort=False)))
    accounts = site.accounts.sort_values(["unit_label", "account_no"], kind="stable")
    for number, (_, account) in enumerate(accounts.iterrows()):
        yield _unit_row(account)
        rows = lines[account["account_no"]]
        for _, row in rows.iterrows():
            amounts = {column: dollars(row[name]) for name, column in _AMOUNTS.items() if row[name]}
            cells: dict[int, Any] = {18: row["description"], **amounts, **_aging(row)}
            if row["includes_nsf"]:
                cells[36] = _DAGGER
            if len(rows) == 1:
                cells[_NET] = dollars(row["balance_cents"])
            if row["prorate_cents"]:
                cells[60] = dollars(row["prorate_cents"])
            yield Line(cells, _LABELS)
        blank = Line(labels=_LABELS)
        yield from [blank] * (2 + number % 6 if len(rows) > 1 else 2)
        if len(rows) > 1:
            yield Line({18: "Subtotals:", **_totals(rows), 59: dollars(rows["prorate_cents"].sum())}, _LABELS)
            yield blank


def _unit_row(account: pd.Series) -> Line:
    """Who owes: no name, since personal data is hidden."""
    eviction = " *" if account["in_eviction"] else ""
    moves = [day(account[name]) for name in ("move_in_on", "move_out_on")]
    cells = {
        1: f"{account['unit_label']}{eviction}",
        9: account["status"],
        13: "\n".join(filter(None, moves)) or None,
        65: dollars(account["deposits_cents"]),
        70: dollars(account["outstanding_deposit_cents"]),
        75: f"{account['late_count']}/{account['nsf_count']}",
    }
    return Line(cells, _LABELS)


def _aging(row: pd.Series) -> dict[int, Any]:
    return {column: dollars(row[name]) for name, column in _BUCKETS.items()}


def _totals(rows: pd.DataFrame) -> dict[int, Any]:
    total = rows[[*_AMOUNTS, *_BUCKETS, "balance_cents"]].sum()
    amounts = {column: dollars(total[name]) for name, column in _AMOUNTS.items()}
    return {**amounts, _NET: dollars(total["balance_cents"]), **_aging(total)}


def _footer(site: PropertyWorld) -> Iterator[Line]:
    ledger, accounts = site.ledger, site.accounts
    total = _totals(ledger)
    total[30] = total.pop(29)  # this row prints it under its label
    yield Line(
        {16: "Grand Totals:", **total, 60: len(accounts), 65: dollars(accounts["deposits_cents"].sum())}, _LABELS
    )
    has_prepaid, has_debt = (accounts[name] != 0 for name in _AMOUNTS)
    yield Line({16: "Resident Count:", 23: int(has_prepaid.sum()), 30: int(has_debt.sum()), 39: len(accounts)})
    net = accounts["prepaid_cents"] + accounts["delinquent_cents"]
    yield Line({16: "Net Prepaid:", 30: int((net < 0).sum()), 39: dollars(net[net < 0].sum())})
    yield Line({16: "Net Delinquent:", 27: int((net > 0).sum()), 39: dollars(net[net > 0].sum())})
    yield Line()
    yield Line({1: "Notes: the aging of prepaid amounts is netted with that of delinquent ones."}, widths={1: 30})


def _summaries(site: PropertyWorld) -> Iterator[Line]:
    yield Line()
    yield Line({1: "Summary By Transaction Code **"})
    yield Line(_SUMMARY_LABELS)
    for (code, description), rows in site.ledger.groupby(["code", "description"]):
        yield Line({3: description, 8: f"1100-{code}", **_summary(rows)}, (_SUMMARY_LABELS,))
    yield Line(_summary(site.ledger), (_SUMMARY_LABELS,))
    yield Line()
    yield Line({1: "Summary by General Ledger Account"})
    yield Line(_SUMMARY_LABELS)
    yield Line({3: "Accounts receivable", 8: "1100", **_summary(site.ledger)}, (_SUMMARY_LABELS,))
    yield Line(_summary(site.ledger), (_SUMMARY_LABELS,))
    yield Line()
    yield Line(
        {1: f"* = Under eviction, {_DAGGER} = Balance includes NSF, \N{DOUBLE DAGGER} = More than 120 days"},
        widths={1: 30},
    )


def _summary(rows: pd.DataFrame) -> dict[int, Any]:
    """Beginning amounts are those of earlier periods."""
    total = rows[[*_AMOUNTS, *_BUCKETS, "balance_cents"]].sum()
    prepaid, debt, balance = (int(total[name]) for name in ("prepaid_cents", "delinquent_cents", "balance_cents"))
    earlier = balance - int(total["bucket_0_cents"])
    old_debt = int(
        rows.loc[rows["delinquent_cents"] > 0, ["bucket_30_cents", "bucket_60_cents", "bucket_90_cents"]]
        .to_numpy()
        .sum()
    )
    old_prepaid = earlier - old_debt
    amounts = {
        14: old_prepaid,
        20: prepaid,
        26: prepaid - old_prepaid,
        31: old_debt,
        37: debt,
        42: debt - old_debt,
        46: earlier,
        51: balance,
        55: balance - earlier,
        60: int(total["bucket_0_cents"]),
        66: int(total["bucket_30_cents"]),
        71: int(total["bucket_60_cents"]),
        73: int(total["bucket_90_cents"]),
    }
    return {column: dollars(cents) for column, cents in amounts.items()}
