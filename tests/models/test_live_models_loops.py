"""dotloop's and Lofty's records in V2: what their APIs answer, and what V2 makes of it.

Belongs here: the `dotloop_*` and `lofty_*` tables, which V1 does not have. Does not belong here: how rows are fetched
(`connectors/dotloop/`, `connectors/lofty/`) and the ways a day or an amount is written
(`tests/models/test_live_rules.py`).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from faults import rebuild
from live_rows import FIRST_LIVE_ID, LAST_LIVE_ID, attempted, broken, documents, land, one, rows, stand

DOTLOOP = ("dotloop_accounts", "dotloop_profiles", "dotloop_loops", "dotloop_contacts")
LOFTY = ("lofty_accounts", "lofty_leads")
LOOPS, LEADS = documents("dotloop"), documents("lofty")

HOW_MOMENTS_ARE_WRITTEN = {
    "2026-02-20 10:00:00": datetime(2026, 2, 20, 10, tzinfo=UTC),
    "2026-02-20T10:00:00Z": datetime(2026, 2, 20, 10, tzinfo=UTC),
    "2026-02-20T10:00:00-07:00": datetime(2026, 2, 20, 17, tzinfo=UTC),
    1771581600000: datetime(2026, 2, 20, 10, tzinfo=UTC),
    "soon": None,
}


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """The warehouse with an account of each; its agent has the address of V2's first one."""
    with psycopg.connect(warehouse, options="-c timezone=UTC") as opened:
        opened.execute("set local session_replication_role = replica")
        opened.execute("update v2.agent set email = 'ada@example.com' where id = (select min(id) from v2.agent)")
        stand(opened)
        attempted(opened, "dotloop", "office", "accounts", "profiles")
        attempted(opened, "dotloop", "expired", "accounts", error="HTTP 401")
        attempted(opened, "lofty", "team", "accounts", "leads")
        opened.execute(
            "insert into staging_dotloop.tokens values ('office', 'token-1', 'token-2', '2026-11-01T12:00:00Z', 101)"
        )
        land(opened, "dotloop.accounts", "office", {"101": LOOPS["account"]})
        land(opened, "dotloop.profiles", "office", {"4711": LOOPS["profile"]})
        request = {"profile_id": 4711}
        land(opened, "dotloop.dotloop_staging", "office", {"900001": LOOPS["loop"]}, request=request)
        bare = {"id": 900002, "status": "NEW", "created": "2026-01-05T15:00:00Z", "updated": "2026-01-05T15:00:00Z"}
        wrong = {
            "details": {"Financials": {"Purchase/Sale Price": "ask Bo"}, "Contract Dates": {"Closing Date": "June"}}
        }
        land(opened, "dotloop.dotloop_staging", "office", {"900002": bare | wrong}, request=request)
        land(opened, "dotloop.contacts", "office", {"7001": LOOPS["contact"]})
        land(opened, "lofty.accounts", "team", {"900000000000001": LEADS["me"]})
        land(opened, "lofty.members", "team", {"11": LEADS["me"]})
        land(opened, "lofty.lofty_staging", "team", {"700000000000101": LEADS["lead"]})
        rebuild(opened, *DOTLOOP, *LOFTY)
        yield opened
        opened.rollback()


def test_keys_references_and_accepted_values_hold(connection: psycopg.Connection) -> None:
    """Loops have profiles, profiles accounts, leads accounts and agents."""
    assert broken(connection, "dotloop", DOTLOOP) + broken(connection, "lofty", LOFTY) == []


def test_an_account_with_its_tokens(connection: psycopg.Connection) -> None:
    """Tokens are the connector's; the id is made of the number, so it is the same everywhere."""
    found = one(connection, "dotloop_accounts")
    assert FIRST_LIVE_ID <= found["id"] <= LAST_LIVE_ID
    assert (found["access_token"], found["refresh_token"], found["active"]) == ("token-1", "token-2", True)
    assert (found["email"], found["created_at"]) == ("ada@example.com", datetime(2026, 10, 30, tzinfo=UTC))


def test_a_profile_spelt_the_other_way(connection: psycopg.Connection) -> None:
    """Some accounts write zipcode."""
    found = one(connection, "dotloop_profiles", dotloop_profile_id=4711)
    assert (found["zip_code"], found["is_default"], found["type"]) == ("78701", True, "INDIVIDUAL")


def test_a_loop_with_details(connection: psycopg.Connection) -> None:
    """Figures by dotloop's labels; everything else stays beside them."""
    found = one(connection, "dotloop_loops", dotloop_loop_id=900001)
    assert (found["sale_price"], found["commission"]) == (Decimal("350000.50"), Decimal("10500.00"))
    assert found["closing_date"] == date(2017, 3, 5)
    assert found["address"] == "12 Test Ave, Austin, TX 78701"
    assert found["details"]["Our own section"] == {"Dog?": "Yes"}
    assert found["dotloop_profile_id"] == one(connection, "dotloop_profiles")["id"]


def test_a_loop_with_nothing_to_read(connection: psycopg.Connection) -> None:
    """Absent keys are null, words that are no figure too; the row is kept, under its number."""
    found = one(connection, "dotloop_loops", dotloop_loop_id=900002)
    assert (found["name"], found["sale_price"], found["closing_date"], found["address"]) == ("900002", None, None, None)
    assert found["details"]["Financials"] == {"Purchase/Sale Price": "ask Bo"}


def test_a_loop_finds_its_deal(connection: psycopg.Connection) -> None:
    """A deal that dotloop told is named by the loop's number."""
    connection.execute("update v2.transaction set transaction_id_raw = 'dotloop-900001' where id = 1")
    rebuild(connection, "dotloop_loops")
    assert one(connection, "dotloop_loops", dotloop_loop_id=900001)["transaction_id"] == 1
    assert one(connection, "dotloop_loops", dotloop_loop_id=900002)["transaction_id"] is None


def test_a_contact(connection: psycopg.Connection) -> None:
    """Addresses in small letters; an empty text is none."""
    found = one(connection, "dotloop_contacts", dotloop_contact_id=7001)
    assert (found["email"], found["office_phone"], found["cell_phone"]) == ("bo@example.com", None, None)
    assert found["contact_updated_at"] == datetime(2026, 1, 20, 3, 48, 30, tzinfo=UTC)


def test_an_account_that_failed_shows_in_the_sync_state_alone(connection: psycopg.Connection) -> None:
    """It has no row of its own yet; the others' state is untouched."""
    states = {row["account"]: row for row in rows(connection, "dotloop_sync_state", entity_type="accounts")}
    assert (states["expired"]["status"], states["expired"]["dotloop_account_id"]) == ("error", None)
    assert states["office"]["dotloop_account_id"] == one(connection, "dotloop_accounts")["id"]


def test_a_lead(connection: psycopg.Connection) -> None:
    """Ids are text, numbers of kinds are words, the agent is found by the assigned member's address."""
    found = one(connection, "lofty_leads", lofty_lead_id="700000000000101")
    (agent,) = connection.execute("select min(id) from v2.agent").fetchone()
    assert (found["email"], found["phone"], found["tags"]) == ("mira@example.com", "5550100101", ["open house"])
    assert (found["lead_types"], found["agent_id"]) == (["Buyer", "Other", "42"], agent)
    assert (found["lead_updated_at"], found["last_touch_at"]) == (datetime(2026, 2, 21, 9, 30, tzinfo=UTC), None)
    assert one(connection, "lofty_sync_state", entity_type="leads")["lofty_account_id"] == found["lofty_account_id"]


@pytest.mark.parametrize(("written", "moment"), HOW_MOMENTS_ARE_WRITTEN.items())
def test_lofty_writes_moments_in_four_ways(
    written: str | int, moment: datetime | None, connection: psycopg.Connection
) -> None:
    """Without a zone, with Z, with an offset, in milliseconds; anything else is none."""
    land(connection, "lofty.lofty_staging", "team", {"700000000000101": LEADS["lead"] | {"createTime": written}})
    rebuild(connection, "lofty_leads")
    found = one(connection, "lofty_leads")
    assert found["lead_created_at"] == moment
    assert found["created_at"] == (moment or datetime(2026, 10, 30, tzinfo=UTC))
