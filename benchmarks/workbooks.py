"""Reading reports of 50,000 rows against calamine's bare read of the same file, taken in turns.

Three figures a report: its rows with their cells (`connectors/workbook.py`), the whole of it (labels found, numbers,
dates and hashes made, every total held to the rows), and the reference, which is calamine handing over a list of
rows. What the whole takes more is what it does more: the reference believes nothing.

Belongs here: the reports and the clock. Does not belong here: whether what is read is right (tests/connectors/).
"""

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import python_calamine as calamine

from connectors.realpage_reports.layout import Row, read_report
from connectors.workbook import Line, open_workbook

sys.path.append(str(Path(__file__).parents[1] / "tests" / "connectors"))  # where the good small reports are
import workbooks
from workbooks import Grid

_ROWS = 50_000
_REFERENCE = "calamine's bare read"


def measure(runs: int, scale: float) -> list[tuple[str, ...]]:
    """Measure and return table rows: what, reference, our median, its median, ratio, peak memory."""
    del scale
    made: list[tuple[str, ...]] = []
    for name, build in (("delinquency", _delinquency), ("rent roll", _rent_roll), ("lease expiration", _ends)):
        content = build(_ROWS).xls()
        bare, cells, whole = [], [], []
        for _ in range(runs):
            bare.append(_seconds(_bare, content))
            cells.append(_seconds(_cells, content))
            whole.append(_seconds(_read, content))
        count = f"{len(_bare(content)):,} rows"
        made.append(_row(f"{name} report, {count}: its rows", cells, bare))
        made.append(_row(f"{name} report, {count}: read and proven", whole, bare))
    return made


def _row(what: str, ours: list[float], bare: list[float]) -> tuple[str, ...]:
    mine, reference = statistics.median(ours), statistics.median(bare)
    return what, _REFERENCE, f"{mine:.2f} s", f"{reference:.2f} s", f"{mine / reference:.2f}", ""


def _seconds(do: Callable[[bytes], object], content: bytes) -> float:
    began = time.perf_counter()
    do(content)
    return time.perf_counter() - began


def _bare(content: bytes) -> list[list[object]]:
    return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def _cells(content: bytes) -> list[Line]:
    return list(open_workbook(content, "a.xls").sheets[0].lines())


def _read(content: bytes) -> list[Row]:
    return list(read_report(content, file="a.xls", property="1", salt="benchmark").rows)


def _delinquency(rows: int) -> Grid:
    """As many accounts as make the rows: each has 6 on average."""
    known = workbooks.DELINQUENT
    accounts = [({**known[one % 4][0], 1: f"1-{one}"}, known[one % 4][1]) for one in range(rows // 25 * 4)]
    return workbooks.delinquency(tuple(accounts))


def _rent_roll(rows: int) -> Grid:
    units = rows // 3
    block = workbooks.RENT_ROWS[:3]
    totals = {32: 1500 * units, 42: 1450 * units, 46: 35 * units, 51: 1485 * units}
    summary = (("Occupied no NTV", 1500 * units, units, 1450 * units), ("Totals:", 1500 * units, units, 1450 * units))
    every = [{**row, **({0: f"1-{unit}"} if 0 in row else {})} for unit in range(units) for row in block]
    return workbooks.rent_roll(tuple(every), totals, summary)


def _ends(rows: int) -> Grid:
    leases = rows // 2
    (_, (lease, *_)), *_ = workbooks.LEASES
    every = [cells for one in range(leases) for cells in ({**lease, 0: f"1-{one}"}, {4: "otto@example.com"})]
    return workbooks.lease_expirations(
        (("MTM", tuple(every)),), {"MTM": tuple(leases * amount for amount in workbooks.LEASE_SUMS["MTM"])}
    )
