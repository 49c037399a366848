"""What reZEN, SkySlope, dotloop and dropped files land about the brokerage, for the tests of what V2 makes of it.

Belongs here: documents as the sources answer them, and rows of V1 to lay them over. Does not belong here: what must
come of it (`test_overlay*.py`), how any source's rows stand (`live_rows.py`).
"""

from datetime import UTC, datetime
from hashlib import md5
from typing import Any

import psycopg
from live_rows import FIRST_LIVE_ID
from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.landing_live import prepare

TABLES = {
    "rezen": [
        "agents",
        "stage_network_downline_rezen_onboarding",
        "stage_transactions_rezen_onboarding",
        "stage_listings_rezen_onboarding",
        "stage_contributions_rezen_onboarding",
        "stage_contributions_rezen_daily_sync",
        "stage_pending_contribution_rezen",
    ],
    "skyslope": ["stage_transactions_skyslope", "stage_listing_skyslope", "users"],
    "dotloop": ["dotloop_staging", "participants"],
    "csv": ["stage_csv_import", "rejected_rows"],
}
DEALS = ("transaction", "transaction_financials", "listing", "transaction_participants", "participant")
V1_MOMENT = datetime(2030, 1, 1, 0, 0, 2, tzinfo=UTC)
MS = int(V1_MOMENT.timestamp() * 1000)
"""When V1 last changed the rows a test lays something over: later than anything in the sandbox."""


def nothing_landed(connection: psycopg.Connection) -> None:
    """Let the brokerage's sources have landed nothing, for as long as the transaction lasts."""
    connection.execute("set local session_replication_role = replica")
    for source, tables in TABLES.items():
        prepare(connection, source, tables)
        for table in [*tables, "sync_state"]:
            connection.execute(sql.SQL("truncate {}").format(sql.Identifier(f"staging_{source}", table)))


def known(connection: psycopg.Connection, table: str, count: int, **set_: Any) -> list[tuple[int, str]]:
    """Ids and UUIDs of deals or listings that V1 changed last at V1_MOMENT; `set_` goes into their documents."""
    key = f"{table}_id_raw"
    found = connection.execute(
        sql.SQL(
            "select id, {key} from v2.{table} as t where id between 40 and %s and {key} is not null"
            " and {key} in (select {key} from v2.{table} group by {key} having count(*) = 1) order by id limit %s"
        ).format(key=sql.Identifier(key), table=sql.Identifier(table)),
        [FIRST_LIVE_ID, count],
    ).fetchall()
    connection.execute(
        sql.SQL("update staging_v1.{} set payload = payload || %s where key = any(%s)").format(sql.Identifier(table)),
        [Jsonb({"updatedAt": MS} | set_), [str(number) for number, _ in found]],
    )
    assert len(found) == count
    return [(int(number), str(natural_key)) for number, natural_key in found]


def deal(at: int, **fields: Any) -> dict[str, Any]:
    """A deal as reZEN answers it, changed `at` milliseconds after V1 changed it."""
    return {
        "updatedAt": MS + at,
        "createdAt": MS - 10**9,
        "transactionType": "SALE",
        "lifecycleState": {"state": "COMMISSION_VALIDATED"},
        "closed": False,
        "terminated": False,
    } | fields


def money(amount: float | str) -> dict[str, Any]:
    """An amount as reZEN writes it."""
    return {"amount": amount, "currency": "USD"}


REZEN = "rezen.stage_transactions_rezen_onboarding"


def live_id(table: str, natural_key: str) -> int:
    """The id of a row that only live sources have, worked out anew."""
    return FIRST_LIVE_ID + int(md5(f"{table}|{natural_key}".encode()).hexdigest()[:13], 16)  # noqa: S324 - no secret
