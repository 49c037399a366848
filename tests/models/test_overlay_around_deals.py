"""Live rows laid over what hangs on deals: networks, contributions, captured calls, histories, and the reconciliation.

Belongs here: what is true of these tables. Does not belong here: the rule by which the newest wins (`test_overlay.py`).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from brokerage_rows import DEALS, MS, REZEN, deal, known, live_id, money, nothing_landed
from faults import findings, rebuild
from live_rows import broken, land, one, rows
from psycopg import sql
from psycopg.types.json import Jsonb

from orchestration.dbt_build import invoke


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """The warehouse with nothing landed of the live sources, whose changes never last."""
    with psycopg.connect(warehouse, options="-c timezone=UTC -c datestyle=ISO,YMD") as opened:
        nothing_landed(opened)
        yield opened
        opened.rollback()


def test_a_network_and_its_agents(connection: psycopg.Connection) -> None:
    """A member V1 lacks is known by its agent; an agent V1 lacks becomes one, once for all networks he is in."""
    owner, uuid = connection.execute("select id, agent_id_raw from v2.agent where id = 25").fetchone() or (0, "")
    member: dict[str, Any] = {
        "id": "new-agent",
        "firstName": "Ida",
        "lastName": "Ott",
        "emailAddress": "IDA@example.com",
        "status": "ACTIVE",
    }
    member |= {"updatedAt": MS, "joinDate": "2026-01-05", "sizeOfNetwork": 4}
    for tier in (1, 2):
        key = f"{uuid}-new-agent-{tier}"
        land(
            connection,
            "rezen.stage_network_downline_rezen_onboarding",
            "2",
            {key: member | {"sizeOfNetwork": tier, "updatedAt": MS + tier, "phoneNumber": f"555-010{tier}"}},
            request={"agent_id": uuid, "tier": tier},
        )
    land(connection, "rezen.agents", "2", {"new-agent": member | {"agentStatus": "INACTIVE"}})
    rebuild(connection, "agent", "network_member")
    agent = one(connection, "agent", agent_id_raw="new-agent")
    assert (agent["id"], agent["phone"], agent["agent_status"]) == (live_id("agent", "new-agent"), "555-0102", "ACTIVE")
    assert (agent["display_name"], agent["email"], agent["join_date"]) == (
        "Ida Ott",
        "ida@example.com",
        date(2026, 1, 5),
    )
    first, second = rows(connection, "network_member", downline_agent_id=agent["id"])[:2]
    direct, indirect = (first, second) if first["tier"] == 1 else (second, first)
    assert (direct["agent_id"], direct["sponsoring_agent_id"], direct["network_size"]) == (owner, owner, 1)
    assert (indirect["sponsoring_agent_id"], indirect["network_size"], direct["user_id"]) == (None, 2, 2)
    assert broken(connection, "network", ["network_member"]) == []


def test_contributions_go_forward_only(connection: psycopg.Connection) -> None:
    """A later state counts, an earlier one does not; what is pending no more is complete."""
    uuids = [
        row[0]
        for row in connection.execute(
            "select contribution_id_raw from v2.contribution where id < 2000 and contribution_id_raw is not null"
            " order by id limit 3"
        )
    ]
    for uuid, status in zip(uuids, ("Pending", "Paid", "Paid"), strict=True):
        connection.execute(
            "update staging_v1.contributions"
            " set payload = payload || jsonb_build_object('status', %s::text, 'amount_amount', 50)"
            " where payload ->> 'contribution_id' = %s",
            [status, uuid],
        )
    request = {"agent_id": "u", "tier": 2}
    for uuid, status, amount in zip(uuids, ("PAID", "PENDING", "PAID"), (50, 50, 60), strict=True):
        told = {"id": uuid, "amount": money(str(amount)), "status": status, "createdAt": MS}
        land(connection, "rezen.stage_contributions_rezen_onboarding", "2", {uuid: told}, request=request)
    new = {"id": "new", "payoutAmount": 7.5, "status": "PENDING", "createdAt": MS, "contributionType": "REVENUE_SHARE"}
    land(connection, "rezen.stage_contributions_rezen_onboarding", "2", {"new": new}, request=request)
    land(
        connection,
        "rezen.stage_contributions_rezen_daily_sync",
        "2",
        {"new": new | {"status": "PAID"}},
        request=request,
        extracted_at="2026-11-02T12:00:00Z",
    )
    pending = {"amount": money(9), "status": "PENDING", "createdAt": MS}
    land(
        connection, "rezen.stage_pending_contribution_rezen", "2", {"waits": pending | {"id": "waits"}}, request=request
    )
    gone = {"gone": pending | {"id": "gone"}}
    land(
        connection,
        "rezen.stage_pending_contribution_rezen",
        "2",
        gone,
        request=request,
        deleted_at="2026-11-02T12:00:00Z",
    )
    rebuild(connection, "contribution", "contributions_pending")
    found = [one(connection, "contribution", contribution_id_raw=uuid) for uuid in [*uuids, "new"]]
    assert [(row["status"], row["amount"], row["_source"]) for row in found] == [
        ("Paid", 50, "rezen"),
        ("Paid", 50, "v1"),
        ("Paid", 60, "rezen"),
        ("Paid", Decimal("7.50"), "rezen"),
    ]
    assert (found[3]["tier"], found[3]["contribution_type"]) == (2, "Revenue Share")
    states = {row["id"]: row["status"] for row in rows(connection, "contributions_pending", _source="rezen")}
    waits, lapsed = (live_id("contributions_pending", key) for key in ("waits", "gone"))
    assert states == {waits: "Pending", lapsed: "Complete"}


def test_a_captured_call_is_handled_by_reading_its_object(connection: psycopg.Connection) -> None:
    """A call V1 left is handled when the object landed as it was then or later; twice makes no difference."""
    calls = connection.execute(
        "select id from v2.rezen_process_webhook where object_id_raw is not null order by id limit 3"
    ).fetchall()
    for number, (call,) in enumerate(calls):
        body = {"id": f"called-{number}", "type": "TRANSACTION"}
        document = {"processed": False, "processed_at": 0, "type": "TRANSACTION", "created_at": MS, "data": body}
        connection.execute(
            "update staging_v1.rezen_process_webhook set payload = payload || %s where key = %s",
            [Jsonb(document), str(call)],
        )
    land(connection, REZEN, "2", {"called-0": deal(5), "called-1": deal(-5)})
    for _ in range(2):
        rebuild(connection, "rezen_process_webhook")
        found = [one(connection, "rezen_process_webhook", id=call) for (call,) in calls]
        assert [(row["processed"], row["_source"]) for row in found] == [(True, "rezen"), (False, "v1"), (False, "v1")]
        assert found[0]["processed_at"] == datetime.fromtimestamp((MS + 5) / 1000, UTC)


def test_changes_are_observed_once(connection: psycopg.Connection) -> None:
    """What a live source tells otherwise is a change with its moment; a later run adds only what is new since."""
    ((number, key),) = known(
        connection, "transaction", 1, stage="Pending", status="", closed=False, terminated=False, price=500
    )
    query = _compiled("transaction_history")

    def run() -> None:
        rebuild(connection, *DEALS)
        connection.execute(f"create temporary table made on commit drop as {query}")
        connection.execute("delete from v2.transaction_history")
        connection.execute("insert into v2.transaction_history select * from made")
        connection.execute("drop table made")

    run()
    before = len(rows(connection, "transaction_history", transaction_id=number))

    def observe(at: int, **fields: Any) -> list[tuple[Any, ...]]:
        land(connection, REZEN, "2", {key: deal(at, **fields)})
        run()
        told = rows(connection, "transaction_history", transaction_id=number)
        changes = sorted((row for row in told if row["_source"] == "rezen"), key=lambda row: row["seq"])
        assert len({row["seq"] for row in told}) == len(told) == before + len(changes)
        assert all(row["seq"] > before for row in changes)
        return [(row["field"], row["old_status"], row["new_status"]) for row in changes]

    first = [("price", "500.00", "510.00")]
    assert observe(1, price=money(510)) == first
    assert observe(1, price=money(510)) == first
    second = [*first, ("stage", "Pending", "Closed")]
    assert observe(2000, price=money(510), closed=True, closedAt=MS) == second
    assert observe(9000, price=money(500), closed=True, closedAt=MS) == [*second, ("price", "510.00", "500.00")]
    assert broken(connection, "transaction", ["transaction_history"]) == []


def test_reconciliation_knows_what_is_newer(connection: psycopg.Connection) -> None:
    """Rows live sources won or added are no differences, and are counted; a row V2 loses is missing all the same."""
    rebuild(connection, *DEALS, "transaction_history", "listing_history", "agent", "network_member")
    baseline = findings(connection)
    (changed, key), (lost, _) = known(connection, "transaction", 2)
    land(connection, REZEN, "2", {key: deal(1, price=money(1)), "new-deal": deal(0)})
    rebuild(connection, *DEALS)
    assert findings(connection) - baseline == {}
    counts = connection.execute(
        "select updated_live, live_only, missing, extra, status from reconciliation.recon_entity_counts"
        " where entity = 'transaction'"
    ).fetchone()
    assert counts == (1, 1, 0, 0, "V2 superset")
    connection.execute("delete from v2.transaction where id = any(%s)", [[changed, lost]])
    missing = [found.key for found in findings(connection) - baseline if found.check == "missing_records"]
    assert {str(changed), str(lost)} <= set(missing)


def test_how_far_connectors_have_read(connection: psycopg.Connection) -> None:
    """One row an account and kind of record, whether the account is a row of V2 or has a name."""
    for source, account in (("rezen", "2"), ("rezen", "by name"), ("skyslope", "1")):
        connection.execute(
            sql.SQL(
                "insert into {} (account, resource, cursor, status, last_rows, rows_landed, first_attempt_at,"
                " last_attempt_at, last_success_at) values (%s, 'files', 'mark', 'ready', 3, 5, now(), now(), now())"
            ).format(sql.Identifier(f"staging_{source}", "sync_state")),
            [account],
        )
    told = rows(connection, "rezen_sync_state")
    assert {(row["account"], row["user_id"], row["cursor"], row["records_synced"]) for row in told} == {
        ("2", 2, "mark", 5),
        ("by name", None, "mark", 5),
    }
    assert one(connection, "skyslope_sync_state")["skyslope_connection_id"] == 1


def _compiled(model: str) -> str:
    """A model's SQL now that its table stands: the run that made the table could not yet read it."""
    compiled = {result.node.name: result.node.compiled_code for result in invoke(["compile", "--select", model])}
    return str(compiled[model])
