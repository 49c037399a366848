"""Every cell of V2's entity tables against the second opinion.

Belongs here: which tables are compared. Does not belong here: what a column should hold (`oracle/`).
"""

from collections.abc import Iterator

import psycopg
import pytest
from faults import leave_v1_alone
from oracle import Landed, agent, credit, deal, fub, listing, network, revenue, team, user
from oracle.comparison import connected, differences, landed_in, stored

TABLES = {
    **user.TABLES,
    **agent.TABLES,
    **team.TABLES,
    **network.TABLES,
    **deal.TABLES,
    **credit.TABLES,
    **listing.TABLES,
    **revenue.TABLES,
    **fub.TABLES,
}


@pytest.fixture(scope="module")
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """What V1 alone makes: the second opinion knows nothing of live sources."""
    with connected(warehouse) as opened, opened.transaction(force_rollback=True):
        leave_v1_alone(opened)
        yield opened


@pytest.fixture(scope="module")
def landed(connection: psycopg.Connection) -> Landed:
    return landed_in(connection)


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_is_what_the_documents_say(table: str, connection: psycopg.Connection, landed: Landed) -> None:
    found = stored(connection, "v2", table)
    if "_source" in found:
        assert set(found.pop("_source")) <= {"v1"}
    message = differences(TABLES[table](landed), found)
    if message:
        pytest.fail(f"v2.{table}\n{message}", pytrace=False)


@pytest.mark.parametrize(
    "table",
    [
        "user",
        "agent",
        "sponsor_tree",
        "team",
        "team_roster",
        "network",
        "transaction",
        "participant",
        "participant_paid",
        "listing",
        "contributions",
        "revshare_payments",
        "equity_transactions",
        "fub_calls",
    ],
)
def test_there_is_something_to_compare(table: str, landed: Landed) -> None:
    """Empty tables are equal, too."""
    assert landed.documents(table), f"staging_v1.{table} is empty"
