"""What V1 brings along that V2 cannot hold, or does not know, is found, and nothing else.

Faults are planted in landed documents, each in one of its own; V2 is built from them by its own SQL, and both are
compared once. Does not belong here: faults in V2 (`test_reconciliation.py`), the faults that the sandbox has from the
start (`test_exceptions.py`).
"""

from typing import Any, NamedTuple

import pytest
from faults import (
    COLUMNS,
    FAULTS,
    NEW,
    V1,
    V1_TABLES,
    Finding,
    Found,
    assert_found,
    findings,
    meta,
    paths,
    plant,
    rebuild,
)
from psycopg import Connection, sql

from orchestration import reconciliation


class Fault(NamedTuple):
    """A value at a path of a V1 table's document, and the V2 column or V1 path it must be found under."""

    v1_table: str
    path: str
    value: Any
    found: str = ""
    where: str = "true"
    """Which documents it can be planted in: SQL over `payload` and `key`."""


REJECTED = [
    Fault("agent", "team_cap", "a lot", "agent_cap_data.team_cap"),
    Fault("agent", "joinDate", "01/02/2024", "agent.join_date"),
    Fault("agent", "elite", "yes", "agent_performance.elite"),
    Fault("agent", "cappedAt", "soon", "agent_cap_data.capped_at"),
    Fault("agent", "city", {"en": "Austin"}, "agent.city"),
    Fault("agent", "leaderSplit", 250_000, "agent_commission.leader_split"),
    Fault("agent", "office_id", "main", "agent.office_id"),
    Fault("network", "capAmount", "12k", "network_member.cap_amount"),
    Fault("transaction", "address.city", {"en": "Austin"}, "transaction.city", "payload ->> 'city' = ''"),
    Fault("transaction", "listingDate", "soon", "transaction.listing_date", "payload -> 'history' -> 0 is not null"),
    Fault("transaction", "price", {"amount": "n/a"}, "transaction.sale_price", "payload ->> 'close_price' <> ''"),
    Fault("transaction", "history.0.changed_at", "later", "transaction_history.changed_at"),
    Fault("listing", "listingDate", "soon", "listing.listing_date", "payload ->> 'list_date' = ''"),
    Fault("listing", "closedAt", "2025-02-30", "listing.closed_at"),
    Fault("listing", "history.0.price", "n/a", "listing_history.price"),
    Fault("stripe_pricing", "price", "free", "stripe_pricing.amount"),
]
ORPHANS = [
    Fault("agent", "user_id", NEW, "agent.user_id"),
    Fault("agent", "director_id", NEW, "agent_hierarchy.director_id"),
    Fault("network", "sponsoring_agent_id", NEW, "network_member.sponsoring_agent_id"),
    Fault("transaction", "history.0.user_id", NEW, "transaction_history.changed_by"),
    # The deal is told by its UUID, too: the participant's row keeps it among the agents on deals.
    Fault(
        "participant",
        "transaction_id",
        NEW,
        "participant.transaction_id",
        "payload ->> 'agent_id' <> '0' and payload ->> 'transaction_id_raw' <> ''",
    ),
]
NO_FAULTS = [
    # The first path that gives a value is taken.
    Fault("transaction", "closedAt", "soon", where="payload ->> 'close_date' <> ''"),
    Fault("transaction", "price", {"amount": 300_000}, where="payload ->> 'close_price' <> ''"),
    Fault("listing", "listingDate", "soon", where="payload ->> 'list_date' <> ''"),
    Fault("stripe_pricing", "price", "49.50"),
]
UNKNOWN_KEYS = [
    *[Fault(v1_table, "brand_new", None, "brand_new") for v1_table in V1_TABLES],
    # An exception for `join_date` says nothing about `join-date`.
    Fault("agent", "join-date", "2024-01-01", "join-date"),
    Fault("user", "preferences.network.zoom", 2, "preferences.*.zoom"),
    Fault("transaction", "address.zoom", 2, "address.zoom"),
    Fault("transaction", "history.0.zoom", 2, "history.*.zoom"),
    Fault("transaction", "tags.0", {"name": "Luxury"}, "tags.*.name"),
    Fault("listing", "address.zoom", 2, "address.zoom"),
    Fault("listing", "history.0.zoom", 2, "history.*.zoom"),
    Fault("listing", "photos.0.zoom", 2, "photos.*.zoom"),
    Fault("participant", "address.zoom", 2, "address.zoom"),
    Fault("office", "address.zoom", 2, "address.zoom"),
]
HOSTILE = [
    Fault("agent", "sponsorId", "\u00a05"),
    Fault("contributions", "transaction_id_raw", ["x"]),
    Fault("equity_transactions", "amount", "1e400"),
    Fault("equity_transactions", "transaction_date", "someday"),
    Fault("fub_people", "emails", "none"),
    Fault("fub_people", "phones", {"a": 1}),
    Fault("listing", "closedAt", 10**17),
    Fault("listing", "photos", [[1], {"url": {}}, None]),
    Fault("network", "agent_id_raw", {"a": 1}),
    Fault("network", "tier", "99999999999"),
    Fault("participant", "role", {"a": 1}),
    Fault("sponsor_tree", "level", "two"),
    Fault("stripe_pricing", "price", -(10**30)),
    Fault("team", "members", [None, 1, {"agent_id": [1]}]),
    Fault("transaction", "address", ["x"]),
    Fault("transaction", "closedAt", "2025-02-30"),
    Fault("transaction", "history", [1, None, {"changed_at": {}}]),
    Fault("transaction", "history", "none"),
    Fault("transaction", "price", "1e400"),
    Fault("transaction", "stage", {"a": 1}),
    Fault("transaction", "tags", {"a": [1]}),
    Fault("user", "preferences", "none"),
]


class Planting:
    """Plants each fault in a document that has no other, neither of ours nor of the sandbox's."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.taken = {(fault["v1_table"], fault["key"]) for fault in FAULTS}

    def __call__(self, fault: Fault) -> str:
        """The key of the document that has the fault now."""
        key = self.document(fault.v1_table, fault.path, fault.where)
        plant(self.connection, fault.v1_table, key, fault.path, fault.value)
        return key

    def document(self, v1_table: str, path: str = "", where: str = "true") -> str:
        """The key of a document without a fault, in which something can be set at the path."""
        taken = [key for name, key in self.taken if name == v1_table]
        *inside, last = path.split(".")
        found = self.connection.execute(
            sql.SQL(
                "select key from staging_v1.{} where key <> all(%s)"
                " and jsonb_typeof(payload #> %s) = %s and ({}) order by key::bigint limit 1"
            ).format(sql.Identifier(v1_table), sql.SQL(where)),
            [taken, inside, "array" if last.isdigit() else "object"],
        ).fetchone()
        assert found, f"V1's {v1_table} has no document left for {path}"
        self.taken.add((v1_table, str(found[0])))
        return str(found[0])


@pytest.fixture
def planting(faulty: Connection) -> Planting:
    return Planting(faulty)


def without_live_rows_that_state_no_moment(connection: Connection) -> None:
    """Where a live source says no moment of change, its row is the newer one whenever V1's differs: by a fault, too."""
    for table in ("staging_stripe.prices", "staging_stripe.events", "staging_fub.deals"):
        connection.execute(f"delete from {table}")


def test_bad_values_are_found(faulty: Connection, planting: Planting, baseline: Found) -> None:
    """What V2 cannot hold is null there and reported for what it is, once V2 is built from it."""
    without_live_rows_that_state_no_moment(faulty)
    expected = []
    for check, faults in (("rejected_values", REJECTED), ("orphan_references", ORPHANS)):
        for fault in faults:
            key = planting(fault)
            table, column = fault.found.split(".")
            in_elements = table in ("agent_hierarchy", "transaction_history", "listing_history")
            expected.append(Finding(check, table, f"{key}/1" if in_elements else key, column))
    for fault in NO_FAULTS:
        planting(fault)
    rebuild(faulty)
    # No document of the sandbox has a price with an amount, which is accepted: now one has.
    no_more = Finding("dead_paths", "transaction", None, "price.amount", accepted=True)
    assert_found(faulty, baseline - Found([no_more]), expected)


def test_every_dangling_reference_is_found(faulty: Connection, planting: Planting, baseline: Found) -> None:
    """Documents whose every reference points nowhere: each is told, where it must not be null twice."""
    without_live_rows_that_state_no_moment(faulty)
    stated = [
        (V1[table]["table"], path, table, name)
        for table, columns in COLUMNS.items()
        for name in columns
        for path in paths(table, name)[:1]
        if meta(table, name).get("references")
        and "." not in path
        and path != "id"
        and not meta(table, name).get("expected")
        # Whose user is unknown has no preferences.
        and (table, name) != ("network_user_prefs", "user_id")
    ]
    chosen = {v1_table: planting.document(v1_table) for v1_table in sorted({name for name, *_ in stated})}
    # Agents on deals have the participant's user.
    expected = [Finding("orphan_references", "transaction_participants", chosen["participant"], "user_id")]
    for v1_table, path, table, name in stated:
        key = chosen[v1_table]
        plant(faulty, v1_table, key, path, NEW)
        in_v2 = f"{key}/1" if table == "agent_hierarchy" else key
        expected.append(Finding("orphan_references", table, in_v2, name))
        if {"type": "not_null"} in COLUMNS[table][name].get("constraints", []):
            expected.append(Finding("contract_violations", table, key, name))
    rebuild(faulty)
    assert_found(faulty, baseline, expected)


def test_unknown_keys_are_found(faulty: Connection, planting: Planting, baseline: Found) -> None:
    """A key that one document brings along and no column declares is reported by its path, inside objects too."""
    for fault in UNKNOWN_KEYS:
        planting(fault)
    rebuild(faulty)
    assert_found(
        faulty, baseline, [Finding("unmapped_fields", fault.v1_table, None, fault.found) for fault in UNKNOWN_KEYS]
    )
    result = reconciliation.collect(faulty)
    assert {
        (row["table"], row["path"], row["documents"]) for row in result["unmapped_fields"] if not row["accepted"]
    } == {(fault.v1_table, fault.found, 1) for fault in UNKNOWN_KEYS}
    assert result["verdict"] == "fail"


def test_a_path_no_document_has_is_a_warning(faulty: Connection, baseline: Found) -> None:
    """A misspelt path is reported, and does not break the verdict by itself."""
    faulty.execute("update staging_v1.user set payload = payload - 'email2'")
    faulty.execute("update v2.user set email2 = null")
    assert_found(faulty, baseline, [Finding("dead_paths", "user", None, "email2")])
    assert reconciliation.collect(faulty)["verdict"] == "pass"


def test_deleted_in_v1_stays_in_v2(faulty: Connection, baseline: Found) -> None:
    """V2 keeps the rows that V1 deleted: no finding, the entities are supersets, the verdict stands."""
    deleted = "update staging_v1.{0} set deleted_at = now() where key = (select min(key) from staging_v1.{0})"
    for v1_table in V1_TABLES:
        faulty.execute(sql.SQL(deleted).format(sql.Identifier(v1_table)))
    assert_found(faulty, baseline, [])
    result = reconciliation.collect(faulty)
    # Others have rows of one's own making: several documents', or none of the deleted one.
    one_a_document = {table for table, v1 in V1.items() if "rows" not in v1}
    status = {row["entity"]: row["status"] for row in result["entities"] if row["entity"] in one_a_document}
    assert status == dict.fromkeys(one_a_document, "V2 superset")
    assert result["verdict"] == "pass"


def test_no_value_of_v1_breaks_a_model_or_the_comparison(faulty: Connection, planting: Planting) -> None:
    """Whatever documents hold, they are compared, V2 is built from them, and they are compared: never an error."""
    for fault in HOSTILE:
        planting(fault)
    assert findings(faulty)
    rebuild(faulty)
    assert findings(faulty)
