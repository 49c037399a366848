"""The six reports as RealPage knows them: ids, keys, formats, parameters.

Belongs here: what is asked for. Does not belong here: how (`connectors/realpage_reports/batch.py`) and what comes back
(the parser beside it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

ERROR_RETRIES = 3
"""How many days earlier than the first an end date may get when RealPage calls it later than the property date."""

_RESIDENTS = "Applicant,Approved applicant,Current resident,Former applicant,Former resident,Pending resident"


@dataclass(frozen=True)
class Definition:
    """One report.

    Attributes:
        name: its resource, its landed table, and the kind that its workbooks are recognised as.
        id: RealPage's number of it.
        key: and its GUID.
        format: the number of the format a workbook comes in.
        parameters: name to value; `{end}` is the last day, `{first}` its month's first, `{earlier}` the first of the
            month that activities are wanted from, `{ahead}` the month that lease ends are wanted up to.
    """

    name: str
    id: int
    key: str
    format: str
    parameters: Mapping[str, str]

    def filled_in(self, end: date, months_back: int) -> dict[str, str]:
        """The parameters for a last day."""
        first = end.replace(day=1)
        days = {"end": end, "first": first, "earlier": months_on(first, -months_back), "ahead": months_on(first, 12)}
        return {name: value.format(**days) for name, value in self.parameters.items()}


def months_on(first: date, months: int) -> date:
    """The first of the month that is so many months on."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def day_earlier(day: date) -> date:
    """The day before."""
    return day - timedelta(days=1)


REPORTS = (
    Definition(
        "box_score",
        4238,
        "446266C0-D572-4D8A-A6DA-310C0AE61037",
        "1683",
        {
            "SubProperty": "ALL",
            "Start_Date": "{first:%m/%d/%Y}",
            "End_Date": "{end:%m/%d/%Y}",
            "ShowUnitDesignations": "Yes",
        },
    ),
    Definition(
        "rent_roll",
        4043,
        "A6F61299-E960-4235-9DC2-44D2C2EF4F99",
        "3",
        {
            "AsOfDate": "{end:%m/%d/%Y}",
            "SubProperty": "ALL",
            "SubJournal": "ALL",
            "ReportType": "Details + Summary",
            "UnitDesignation": "ALL",
            "MarketRentType": "Market + Addl.",
            "ExclFormers": "No",
            "HideAllPIIData": "1",
            "SortBy": "Unit",
        },
    ),
    Definition(
        "delinquency",
        4260,
        "89A3C427-BE71-4A05-9D2B-BDF3923BF756",
        "3",
        {
            "FiscalPeriod": "{end:%m%Y}",
            "SubProperty": "ALL",
            "SubJournal": "ALL",
            "residentStatus": _RESIDENTS,
            "reportType": "Details",
            # Yes leaves out every charge that is not rent, and the totals with them.
            "DelinquentRentOnly": "No",
            "includeDelinquentEqualNTV": "Yes",
            "IncludeOutstandingDeposits": "Yes",
            "ExcludeTransactionsArrears": "No",
            "ShowPrepaidAsAllocated": "No",
            "HidePIIData": "1",
            "minimumDelinquent": "0.00",
            "maximumDelinquent": "99999999.00",
            "PeriodType": "Fiscal",
            "IncludeTotals": "ALL",
            "filterType": "ALL",
            "SortBy": "Unit",
        },
    ),
    Definition(
        "activity",
        3837,
        "B29B7C76-04B8-4D6C-AABC-62127F0CAE63",
        "562",
        {
            "startdate": "{earlier:%m/%d/%Y}",
            "enddate": "{end:%m/%d/%Y}",
            "OccStatus": "Prospect",
            "CustomActivityTypesIDNameCombo": "ALL",
            "IncludeFollowup": "Yes",
            "IncludeSystem": "Yes",
            "leasingAgents": "All",
        },
    ),
    Definition(
        "monthly_summary",
        3877,
        "E41626AB-EC0F-4F6C-A6EA-D7A93909AA9B",
        "3",
        {
            "AccStartDate": "{first:%m/%d/%Y}",
            "OccStartDate": "{first:%m/%d/%Y}",
            "SubTotal": "Floorplan Name",
        },
    ),
    Definition(
        "lease_expirations",
        3838,
        "89545A3A-C28A-49CC-8791-396AE71AB422",
        "3",
        {
            "custom_rangetype": "Range",
            "startmonth": "{first:%m/%Y}",
            "endmonth": "{ahead:%m/%Y}",
            "MarketRentType": "Market + Addl.",
            "renewals": "1",
            "preleased": "1",
            "pending": "1",
            "SortBy": "Expiration Date",
        },
    ),
)
"""In the order an account is read."""
