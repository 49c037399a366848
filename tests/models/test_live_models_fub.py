"""Follow Up Boss' rows laid over V1's: what its API answers, and what V2 makes of it.

Belongs here: the `fub_*` tables. Does not belong here: how rows are fetched (`connectors/follow_up_boss/`) and the
overlay as such (`tests/models/test_overlay*.py`). Account 1 is V1's, `north` is one only the configuration names.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from faults import rebuild
from live_rows import FIRST_LIVE_ID, LAST_LIVE_ID, attempted, broken, documents, land, one, rows, stand

from orchestration.project import dbt_target

FUB = (
    "fub_accounts",
    "fub_users",
    "fub_stages",
    "fub_groups",
    "fub_people",
    "fub_deals",
    "fub_calls",
    "fub_events",
    "fub_appointments",
    "fub_text_messages",
    "fub_sync_jobs",
)
NUMBER = "1690000001"
LATER, EARLIER = "2026-10-31T09:00:00Z", "2020-01-01T00:00:00Z"
TOLD = documents("fub")


def identity(number: int, domain: str) -> dict[str, Any]:
    """What /identity answers an owner's key."""
    owner = {"id": 1, "name": "Ola Owner", "email": "ola@example.com", "fuid": "fau_x1", "isOwner": True}
    return {"account": {"id": number, "domain": domain, "name": "Example Realty"}, "user": owner}


@pytest.fixture(scope="module")
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """The warehouse with an account that only FUB knows, and newer and older rows of V1's account 1."""
    with psycopg.connect(warehouse, options="-c timezone=UTC") as opened:
        opened.execute("set local session_replication_role = replica")
        stand(opened)
        rebuild(opened, *FUB)  # as V1 alone tells it
        attempted(opened, "fub", "1", "accounts", "people")
        attempted(opened, "fub", "north", "accounts", "users", "people", "calls")
        attempted(opened, "fub", "north", "deals", error="HTTP 500")
        opened.execute("update v2.agent set email = 'ada@example.com' where id = (select min(id) from v2.agent)")
        _land_north(opened)
        _land_changes(opened)
        rebuild(opened, *FUB)
        yield opened
        opened.rollback()


def _land_north(opened: psycopg.Connection) -> None:
    """Everything there is of an account that V1 has never seen."""
    land(opened, "fub.accounts", "north", {NUMBER: identity(int(NUMBER), "examplerealty")})
    for table, document in {
        "users": TOLD["user"],
        "people": TOLD["person"],
        "deals": TOLD["deal"],
        "calls": TOLD["call"],
        "events": TOLD["event"],
        "stage_appointments_fub_onboarding": TOLD["appointment"],
        "stage_text_messages_fub_onboarding": TOLD["text"],
        "stages": TOLD["stage"],
        "pipelines": TOLD["pipeline"],
        "groups": TOLD["group"],
    }.items():
        land(opened, f"fub.{table}", "north", {str(document["id"]): document})
    land(opened, "fub.calls", "north", {"502": TOLD["call"] | {"id": 502, "userId": 99, "personId": 99, "duration": 0}})
    queued = {"person_id": 102, "status": "failed", "queued_at": LATER, "picked_up_at": LATER, "finished_at": LATER}
    land(opened, "fub.text_queue", "north", {"102": queued | {"attempts": 2, "error": "HTTP 500"}})


def _land_changes(opened: psycopg.Connection) -> None:
    """Account 1: of V1's first people one is newer, older, the same, gone, newly active; a user has a new phone."""
    (number, host) = opened.execute("select account_id_raw, host_name from v2.fub_accounts where id = 1").fetchone()
    land(opened, "fub.accounts", "1", {number: identity(int(number), host)})
    (orphaned,) = opened.execute(
        "update staging_v1.fub_calls set payload = payload || '{\"fub_account_id\": 888888}'"
        " where key = (select min(id)::text from v2.fub_calls"
        " where fub_account_id = 1 and fub_account_id_raw is not null)"
        " returning (payload ->> 'call_id')::bigint"
    ).fetchone()
    people = opened.execute(
        "select fub_people_id, greatest(fub_updated_at, last_activity) from v2.fub_people where fub_account_id = 1"
        " and fub_people_id is not null order by id limit 5"
    ).fetchall()
    moments = [LATER, EARLIER, people[2][1].isoformat(), LATER, EARLIER]
    for place, ((person, _), moment) in enumerate(zip(people, moments, strict=True)):
        changed = TOLD["person"] | {"id": person, "created": EARLIER, "updated": moment, "name": "Newer Name"}
        changed["lastActivity"] = LATER if place == 4 else None
        gone = {"deleted_at": LATER} if place == 3 else {}
        land(opened, "fub.people", "1", {str(person): changed}, **gone)
    land(opened, "fub.calls", "1", {str(orphaned): TOLD["call"] | {"id": orphaned}})
    land(
        opened,
        "fub.users",
        "1",
        {"2": TOLD["user"] | {"id": 2, "updated": "2027-01-01T00:00:00Z", "phone": "5550100299"}},
    )
    told = opened.execute(
        "select to_jsonb(deal) from v2.fub_deals as deal where fub_account_id = 1 order by id limit 2"
    ).fetchall()
    for (deal,), price in zip(told, (None, 1), strict=True):
        land(opened, "fub.deals", "1", {str(deal["fub_deal_id"]): _as_told(deal, price)})


def _as_told(deal: dict[str, Any], price: int | None) -> dict[str, Any]:
    """A deal of V1's as the API tells it, at another price if one is given."""
    return {
        "id": deal["fub_deal_id"],
        "name": deal["deal_name"],
        "price": price or deal["price"],
        "status": "Archived" if deal["status"] == "Archived" else "Active",
        "projectedCloseDate": deal["projected_close_date"],
        "pipelineId": deal["pipeline_id"],
        "stageId": deal["stage_id"],
        "commissionValue": deal["commission_value"],
        "agentCommission": deal["agent_commission"],
        "teamCommission": deal["team_commission"],
        "createdAt": LATER,
        "enteredStageAt": LATER,
    }


def _people_of_account_1(connection: psycopg.Connection) -> list[dict[str, Any]]:
    return [row for row in rows(connection, "fub_people", fub_account_id=1) if row["fub_people_id"]][:5]


def test_keys_references_and_accepted_values_hold(connection: psycopg.Connection) -> None:
    """Rows that only FUB has refer to each other and to V1's, and break nothing the tables declare."""
    assert broken(connection, "fub", FUB) == []


def test_rows_are_the_same_when_made_again(connection: psycopg.Connection) -> None:
    """Ids included: they are made of table and natural key."""
    before = {table: rows(connection, table) for table in FUB}
    rebuild(connection, *FUB)
    assert {table: rows(connection, table) for table in FUB} == before


def test_an_account_only_the_configuration_names_is_a_row(connection: psycopg.Connection) -> None:
    """With FUB's number and owner, and what landed counted."""
    found = one(connection, "fub_accounts", account_id_raw=NUMBER)
    assert FIRST_LIVE_ID <= found["id"] <= LAST_LIVE_ID
    assert (found["host_name"], found["fub_owner_id"], found["active"], found["_source"]) == (
        "examplerealty",
        1,
        True,
        "fub",
    )
    assert (found["people_fub"], found["calls_fub"], found["text_messages_fub"]) == (1, 2, 1)


def test_an_account_that_tells_the_same_stays_v1s(connection: psycopg.Connection) -> None:
    """/identity states no moment: only something else makes it newer."""
    assert one(connection, "fub_accounts", id=1)["_source"] == "v1"


def test_a_live_user_is_an_agent_by_his_address(connection: psycopg.Connection) -> None:
    """V1 cannot have linked him."""
    found = one(
        connection, "fub_users", fub_user_id=7, name="Ada Agent", _source="fub", role="Agent", phone="5550100201"
    )
    (agent,) = connection.execute("select min(id) from v2.agent where email = 'ada@example.com'").fetchone()
    assert (found["agent_id"], found["email"]) == (agent, "ada@example.com")


def test_v1s_links_of_a_user_stay(connection: psycopg.Connection) -> None:
    """What FUB tells is newer; whose login and agent he is V1 knows."""
    found = one(connection, "fub_users", fub_account_id=1, fub_user_id=2)
    (v1,) = connection.execute(
        "select payload from staging_v1.fub_users"
        " where payload ->> 'fub_id' = '2' and payload ->> 'fub_account_id' = '1'"
    ).fetchone()
    assert (found["_source"], found["phone"], found["name"]) == ("fub", "5550100299", "Ada Agent")
    assert found["user_id"] == (int(v1["user_id"]) or None if v1.get("user_id") else None)


def test_the_newer_person_wins_and_a_tie_stays_with_v1(connection: psycopg.Connection) -> None:
    """Newer, older, equal, gone from FUB (such a person stays), and with something newly done."""
    found = _people_of_account_1(connection)
    assert [row["_source"] for row in found] == ["fub", "v1", "v1", "fub", "fub"]
    assert [row["people_name"] == "Newer Name" for row in found] == [True, False, False, True, True]
    assert [row["id"] < FIRST_LIVE_ID for row in found] == [True] * 5


def test_columns_fub_does_not_know_stay_v1s(connection: psycopg.Connection) -> None:
    """When V1 got the person and whether texts were fetched stays, whoever told the rest."""
    newer = _people_of_account_1(connection)[0]
    (document,) = connection.execute(
        "select payload from staging_v1.fub_people where key = %s", [str(newer["id"])]
    ).fetchone()
    assert newer["created_at"] == datetime.fromtimestamp(document["created_at"] / 1000, UTC)
    assert newer["url"] == document["url"]
    assert newer["fub_created_at"] == datetime(2020, 1, 1, tzinfo=UTC)


def test_a_person_only_fub_knows(connection: psycopg.Connection) -> None:
    """Main address and number, stage, user and agent by FUB's numbers; FUB's words for none are none."""
    account = one(connection, "fub_accounts", account_id_raw=NUMBER)["id"]
    found = one(connection, "fub_people", fub_account_id=account)
    user = one(connection, "fub_users", fub_account_id=account)
    stage = one(connection, "fub_stages", fub_account_id=account)
    assert (found["email"], found["phone"]) == ("mira@example.com", "5550100101")
    assert (found["stage_id"], found["assigned_to_fub_id"], found["agent_id"]) == (
        stage["id"],
        user["id"],
        user["agent_id"],
    )
    assert (found["source_name"], found["deal_price"], found["missing_user"]) == (None, None, False)
    assert found["ad_people_id"] == f"{NUMBER}_102"
    assert found["url"] == "https://examplerealty.followupboss.com/2/people/view/102"


def test_a_deal_in_a_closing_stage_is_won(connection: psycopg.Connection) -> None:
    """FUB itself calls it Active still; who is unknown here is left out."""
    found = one(connection, "fub_deals", fub_deal_id=31, ad_deal_id=f"{NUMBER}_31")
    assert (found["status"], found["stage_name"], str(found["commission_value"])) == ("Won", "Closed", "10500.25")
    assert found["primary_person_id"] == one(connection, "fub_people", ad_people_id=f"{NUMBER}_102")["id"]
    assert (found["secondary_person_id"], found["secondary_fub_user_id"]) == (None, None)
    assert found["primary_fub_user_id"] is not None


def test_a_deal_that_tells_the_same_stays_v1s(connection: psycopg.Connection) -> None:
    """Deals state no moment of change, so their own moments prove nothing; another price does."""
    same, other = rows(connection, "fub_deals", fub_account_id=1)[:2]
    assert (same["_source"], other["_source"], other["price"]) == ("v1", "fub", 1)


def test_a_call(connection: psycopg.Connection) -> None:
    """Longer than the limit is connected; the system's -1 is nobody, a hidden recording is none."""
    found = one(connection, "fub_calls", ad_call_id=f"{NUMBER}_501")
    assert (found["is_connected"], found["direction"], found["duration"]) == (True, "outbound", 180)
    assert (found["created_by_id"], found["updated_by_id"], found["recording_url"]) == (None, 7, None)
    assert found["user_missing"] is False
    assert found["agent_id"] == one(connection, "fub_users", id=found["fub_users_id"])["agent_id"]


def test_a_call_whose_account_v1_lost_stands_once(connection: psycopg.Connection) -> None:
    """V1 refers to an account that is not there, and still tells the account's number at FUB."""
    call, raw = connection.execute(
        "select (payload ->> 'call_id')::bigint, payload ->> 'fub_account_id_raw' from staging_v1.fub_calls"
        " where payload -> 'fub_account_id' = '888888'"
    ).fetchone()
    found = one(connection, "fub_calls", call_id=call, fub_account_id_raw=raw)
    assert found["id"] < FIRST_LIVE_ID


def test_a_call_of_unknown_people_is_kept(connection: psycopg.Connection) -> None:
    """FUB's numbers stay, the references are null."""
    found = one(connection, "fub_calls", ad_call_id=f"{NUMBER}_502")
    assert (found["fub_users_id"], found["fub_people_id"], found["agent_id"]) == (None, None, None)
    assert (found["fub_user_id"], found["person_id"], found["user_missing"]) == (99, 99, True)


def test_an_appointment_finds_its_people_among_those_invited(connection: psycopg.Connection) -> None:
    """The API names nobody at the top."""
    found = one(connection, "fub_appointments", ad_appointment_id=f"{NUMBER}_801")
    user = one(connection, "fub_users", id=found["fub_users_id"])
    assert (user["fub_user_id"], found["fub_user_id_raw"], found["created_by_name"]) == (7, 7, "Ada Agent")
    assert found["invited_person_id_raw"] == 102
    assert found["fub_people_id"] == one(connection, "fub_people", ad_people_id=f"{NUMBER}_102")["id"]
    assert (found["is_held"], found["agent_id"]) == (True, user["agent_id"])


def test_an_event_belongs_to_its_persons_agent(connection: psycopg.Connection) -> None:
    """By the person as last known."""
    found = one(connection, "fub_events", ad_events_id=f"{NUMBER}_701")
    assert (found["property_zip"], found["people_name"]) == ("78701", "Mira Example")
    assert found["agent_id"] == one(connection, "fub_people", id=found["fub_people_id"])["agent_id"] is not None


def test_texts_count_in_the_month_they_were_sent(connection: psycopg.Connection) -> None:
    """The mart has what FUB sends and V1 does not."""
    (query,) = (dbt_target() / "compiled").rglob("agg_fub_activity.sql")
    counted = connection.execute(
        f"select texts_sent, calls_made, calls_connected from ({query.read_text()}) as mart"
        " where fub_account_id = %s and agent_id is not null and month = '2026-05-01'",
        [one(connection, "fub_accounts", account_id_raw=NUMBER)["id"]],
    ).fetchall()
    assert counted == [(1, 0, 0)]


def test_the_sync_shows_in_v2(connection: psycopg.Connection) -> None:
    """States by account and kind of record, a job an account, and whose texts are still to be fetched."""
    account = one(connection, "fub_accounts", account_id_raw=NUMBER)["id"]
    states = {(row["fub_account_id"], row["entity_type"]): row for row in rows(connection, "fub_sync_state")}
    assert states[account, "deals"]["error_message"] == "HTTP 500"
    assert (states[1, "people"]["cursor"], states[1, "people"]["records_synced"]) == ("mark", 5)
    job = one(connection, "fub_sync_jobs", fub_account_id=account)
    assert (job["people_status"], job["deals_status"], job["text_messages_status"]) == ("COMPLETED", "ERROR", "PENDING")
    assert job["error_list"] == [{"endpoint": "deals", "error": "HTTP 500"}]
    queued = one(connection, "fub_worker_queue")
    assert (queued["process_status"], queued["attempts"], queued["worker_input"]["personId"]) == ("failed", 2, 102)
