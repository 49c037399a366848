"""Report instances that were asked for, kept in the warehouse: a run that ended early is gone on with.

Belongs here: `staging_realpage_reports.report_instances`. An instance is kept as soon as RealPage has named it,
whatever becomes of the run. Does not belong here: what has landed (`connectors/landing_live.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

SCHEMA = "realpage_reports"

_TABLE = f"staging_{SCHEMA}.report_instances"


@dataclass(frozen=True)
class Asked:
    """An instance of a report.

    Attributes:
        instance: RealPage's id of it.
        wanted: the day it was asked for first.
        end: its last day; earlier where RealPage called the wanted one later than the property date.
        months_back: how many months before that day's it begins, where that can be chosen.
        at: when it was asked for.
    """

    instance: str
    wanted: date
    end: date
    months_back: int
    at: datetime


def prepare(connection: psycopg.Connection[Any]) -> None:
    """Create the table."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"staging_{SCHEMA}"])
        connection.execute(
            f"create table if not exists {_TABLE} (account text, report text, instance_id text not null,"
            " wanted date not null, end_date date not null, months_back integer not null,"
            " asked_at timestamptz not null, primary key (account, report))"
        )


class Instances:
    """Those of one account.

    Args:
        warehouse_url: where they are kept.
        account: whose.
    """

    def __init__(self, warehouse_url: str, account: str) -> None:
        self._url, self._account = warehouse_url, account

    def kept(self) -> dict[str, Asked]:
        """Return the last one of each report."""
        with psycopg.connect(self._url) as connection:
            rows = connection.execute(
                f"select report, instance_id, wanted, end_date, months_back, asked_at from {_TABLE} where account = %s",
                [self._account],
            ).fetchall()
        return {report: Asked(*row) for report, *row in rows}

    def keep(self, report: str, asked: Asked) -> None:
        """Remember one in place of the last one."""
        with psycopg.connect(self._url) as connection:
            connection.execute(
                f"insert into {_TABLE} (account, report, instance_id, wanted, end_date, months_back, asked_at)"
                " values (%s, %s, %s, %s, %s, %s, %s) on conflict (account, report) do update set"
                " instance_id = excluded.instance_id, wanted = excluded.wanted, end_date = excluded.end_date,"
                " months_back = excluded.months_back, asked_at = excluded.asked_at",
                [self._account, report, asked.instance, asked.wanted, asked.end, asked.months_back, asked.at],
            )

    def forget(self, report: str) -> None:
        """Let the next run ask anew."""
        with psycopg.connect(self._url) as connection:
            connection.execute(f"delete from {_TABLE} where account = %s and report = %s", [self._account, report])
