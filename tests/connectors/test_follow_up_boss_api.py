"""Follow Up Boss's limits and refusals, what its stand-in tells of the world, and how an account is configured."""

import json
import os
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from follow_up_boss_walks import RESOURCES, Landed, connected, put, served

from connectors.document_store import Record, Store
from connectors.follow_up_boss import client, source, stand_in
from connectors.follow_up_boss.documents import records
from connectors.rest import SourceError
from connectors.sandbox.world import World, build
from connectors.stand_in import Fault, Refused

FIELDS = {
    "users": "id created updated name firstName lastName email phone role status timezone isOwner beta picture groups"
    " pauseLeadDistribution lastSeenIos lastSeenAndroid lastSeenFub2 canExport canCreateApiKeys fuid teamIds"
    " teamLeaderOf leadEmailAddress mlsMemberships",
    "people": "id created updated lastActivity createdVia name firstName lastName stage stageId type source sourceId"
    " sourceUrl leadFlowId delayed claimed firstToClaimOffer contacted price assignedTo assignedUserId assignedPondId"
    " assignedLenderId assignedLenderName tags background emails phones addresses picture socialData websiteVisits"
    " timeframeId timeframeStatus timeframeUpdated timeframeDateRange dealStatus dealStage dealName dealCloseDate"
    " dealPrice collaborators teamLeaders pondMembers customBudget",
    "deals": "id name type status price createdAt orderWeight description projectedCloseDate pipelineId pipelineName"
    " stageId stageName enteredStageAt commissionValue agentCommission teamCommission timeToClose earnestMoneyDueDate"
    " mutualAcceptanceDate dueDiligenceDate finalWalkThroughDate possessionDate people users",
    "calls": "id created updated createdById updatedById personId name firstName lastName userId userName phone"
    " fromNumber toNumber forwardNumber note outcome isIncoming duration ringDuration startedAt recordingUrl"
    " relationshipId sharedInboxId conferenceCallId systemId",
    "textMessages": "id created updated sent createdById updatedById userId userName personId name firstName lastName"
    " message isIncoming fromNumber toNumber status read archived isExternal externalLabel externalUrl systemId"
    " systemName actionPlanId sharedInboxId groupTextId participants media picture",
    "events": "id created updated occurred personId type source message description noteId additional pageTitle"
    " pageUrl pageDuration property propertySearch",
    "appointments": "id created updated createdById updatedById title description start end timezone allDay originFub"
    " location invitees typeId type outcomeId outcome isEditable isDeletable detailsVisible",
    "stages": "id name orderWeight isProtected pipelineId description systems peopleCount",
    "pipelines": "id name description orderWeight stages",
    "groups": "id name type distribution defaultUserId defaultPondId defaultGroupId claimWindow hideName hideSource"
    " nextRoundRobinUser isPrimary users",
    "identity": "account user",
}
"""The contract's, without those that are optional."""


LISTS = {
    "users": "users",
    "people": "people",
    "deals": "deals",
    "calls": "calls",
    "events": "events",
    "stage_appointments_fub_onboarding": "appointments",
    "stage_text_messages_fub_onboarding": "textMessages",
    "stages": "stages",
    "pipelines": "pipelines",
    "groups": "groups",
}
"""Landed tables and the lists they come from."""


class Hasty(stand_in.FollowUpBossStandIn):
    """Counts its limits over half a second."""

    window = 0.5


@pytest.fixture
def fub() -> Iterator[Any]:
    with served() as made:
        yield made


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.01)


class TestLimits:
    def refused(self, made: Any) -> list[tuple[str, ...]]:
        """What is answered 429 from now on: path, Retry-After, Remaining."""
        found: list[tuple[str, ...]] = []
        allow = made.allow

        def counted(request: Any) -> Any:
            try:
                return allow(request)
            except Refused as refused:
                headers = refused.response.headers
                found.append((request.path, headers["Retry-After"], headers["X-RateLimit-Remaining"]))
                raise

        made.allow = counted
        return found

    def test_requests_are_held_back_before_they_are_refused(self) -> None:
        with served(hurry=0.25, kind=Hasty) as made:  # 5 events in half a second
            refused = self.refused(made)
            reader = connected()
            for _ in range(12):
                reader.get("events")
                reader.get("calls")
            assert refused == []

    def test_of_two_readers_each_waits_as_it_is_told(self) -> None:
        with served(hurry=0.25, kind=Hasty) as made:
            refused = self.refused(made)
            for _ in range(7):
                connected().get("events")
            assert set(refused) == {("/v1/events", "1", "0")}

    @pytest.mark.usefixtures("fub")
    def test_headers_state_each_limit(self) -> None:
        reader = connected()
        found = [reader._api.send("GET", path).headers for path in ("calls", "calls", "events")]
        told = [(one["X-RateLimit-Context"], one["X-RateLimit-Limit"], one["X-RateLimit-Remaining"]) for one in found]
        assert told == [
            ("global", "25000", "24999"),
            ("global", "25000", "24998"),
            ("events", "2000", "1999"),
        ]
        assert found[0]["X-RateLimit-Window"] == "10"

    def test_an_unregistered_system_gets_half_and_sees_less(self, fub: Any) -> None:
        put(fub, "calls", 1, recordingUrl="https://www.example.com/rec/1")
        put(fub, "textMessages", 1, parent="7", message="Hello!")
        with patch.dict(os.environ, {"SOURCES__FOLLOW_UP_BOSS__SYSTEM": ""}):
            reader = connected()
        assert reader._api.send("GET", "events").headers["X-RateLimit-Limit"] == "1000"
        assert reader.get("calls")["calls"][0]["recordingUrl"].startswith("***")
        assert reader.get("textMessages?personId=7")["textmessages"][0]["message"].startswith("***")
        assert connected().get("calls")["calls"][0]["recordingUrl"] == "https://www.example.com/rec/1"

    def test_a_refusal_without_a_word_of_waiting(self, fub: Any) -> None:
        fub.faults.append(Fault("/v1/calls", 429, times=2))
        put(fub, "calls", 1)
        landed = Landed()
        landed.walk("calls", connected())
        assert len(landed.tables["calls"]) == 1


class TestRefusals:
    @pytest.mark.parametrize("status", [500, 503, 504])
    def test_failures_that_pass_are_waited_for(self, fub: Any, status: int) -> None:
        fub.faults.append(Fault("/v1/users", status, times=2))
        Landed().walk("users", connected())
        assert fub.requests["GET /v1/users"] == 3

    @pytest.mark.usefixtures("fub")
    def test_a_dead_key_concerns_the_account_and_is_never_told(self) -> None:
        with pytest.raises(SourceError, match="/users answered 401: Invalid API key") as failed:
            Landed().walk("users", connected(key="fka_secret"))
        assert failed.value.is_about_all
        assert "fka_secret" not in str(failed.value)
        assert "fka_secret" not in repr(source.Account("a", {"api_key": "fka_secret"}))

    @pytest.mark.parametrize("header", ["Bearer key-a", f"Basic {b64encode(b'key-a:x').decode()}", "Basic %%", ""])
    @pytest.mark.usefixtures("fub")
    def test_only_the_key_with_no_password_logs_in(self, header: str) -> None:
        reader = connected()
        reader._api.headers["Authorization"] = header
        with pytest.raises(SourceError, match="401"):
            reader.get("identity")

    def test_one_list_without_right_leaves_the_others(self, fub: Any) -> None:
        fub.faults.append(Fault("/v1/deals", 403))
        with pytest.raises(SourceError, match="/deals answered 403") as failed:
            Landed().walk("deals", connected())
        assert not failed.value.is_about_all

    @pytest.mark.usefixtures("fub")
    def test_texts_of_everyone_cannot_be_listed(self) -> None:
        with pytest.raises(SourceError, match="400: personId, threadId, phone, toNumber"):
            connected().get("textMessages")

    @pytest.mark.usefixtures("fub")
    def test_a_list_under_another_name_is_not_an_empty_one(self) -> None:
        with (
            patch.object(client.Client, "get", lambda *_: {"_metadata": {}, "contacts": []}),
            pytest.raises(SourceError, match="/people answered without a list people"),
        ):
            Landed().walk("people", connected())

    @pytest.mark.parametrize("name", ["calls", "people"])
    def test_a_moment_that_is_none_is_told(self, fub: Any, name: str) -> None:
        fub.store.put(Record(name, "a", "1", {"id": 1, "updated": "yesterday", "claimed": True}))
        with pytest.raises(SourceError, match="a row's moment is no ISO 8601 text"):
            Landed().walk(name, connected())

    def test_a_key_never_follows_a_link_to_another_host(self, fub: Any) -> None:
        answer = {"_metadata": {"nextLink": "https://www.example.com/v1/calls?next=x"}, "calls": [{"id": 1}]}
        reader = connected()
        reader._api.json = lambda *_: answer
        put(fub, "calls", 1)
        with pytest.raises(SourceError, match="another host"):
            Landed().walk("calls", reader)

    def test_a_link_in_a_circle_ends(self, fub: Any) -> None:
        reader = connected()
        link = f"{reader._api.base_url}/calls?next=x"
        reader._api.json = lambda *_: {"_metadata": {"nextLink": link}, "calls": [{"id": 1}]}
        with (
            patch.object(type(fub), "_place", lambda *_: {"total": 0, "since": 0, "sinceId": ""}),
            pytest.raises(SourceError, match="/calls cannot be paged"),
        ):
            Landed().walk("calls", reader)


class TestConfiguration:
    SECTION = "SOURCES__FOLLOW_UP_BOSS__"

    def test_accounts_in_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(f"{self.SECTION}ACCOUNTS", '[{"name": "north", "api_key": "fka_1"}]')
        (account,) = source.SOURCE.configured() or []
        assert (account.name, account.secrets) == ("north", {"api_key": "fka_1"})

    def test_without_any_the_business_names_them(self) -> None:
        assert source.SOURCE.configured() is None
        assert source.SOURCE.declared is not None
        assert source.SOURCE.declared.secrets == ("api_key",)

    def test_the_real_api_unless_told_otherwise(self) -> None:
        reader = connected(key="x")
        assert reader._api.base_url == "https://api.followupboss.com/v1"
        assert "X-System" not in reader._api.headers


class TestWorld:
    """The stand-in tells what the world has, under the contract's names."""

    @pytest.fixture(scope="class")
    def documents(self, world: World) -> dict[str, list[tuple[Any, dict[str, Any]]]]:
        made: dict[str, list[Any]] = {}
        for record in records(world):
            text = record.document
            made.setdefault(record.collection, []).append((record, json.loads(text) if isinstance(text, str) else text))
        return made

    def test_every_field_of_the_contract(self, documents: dict[str, list[Any]]) -> None:
        for collection, fields in FIELDS.items():
            for _, document in documents[collection]:
                assert set(fields.split()) <= set(document), collection

    def test_moments_are_iso_in_utc(self, documents: dict[str, list[Any]]) -> None:
        fields = {"created", "updated", "createdAt", "lastActivity", "sent", "occurred", "start", "end", "startedAt"}
        found = {document.get(one) for rows in documents.values() for _, document in rows for one in fields}
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one) for one in found - {None})

    def test_rows_and_sums(self, world: World, documents: dict[str, list[Any]]) -> None:
        crm = world.live.crm
        frames = {
            "users": crm.users,
            "people": crm.people,
            "deals": crm.deals,
            "calls": crm.calls,
            "groups": crm.groups,
        }
        frames |= {"events": crm.events, "appointments": crm.appointments, "textMessages": crm.text_messages}
        for collection, frame in frames.items():
            of = Counter((record.account, record.id) for record, _ in documents[collection])
            assert of == Counter(zip(frame["account_id"].astype(str), frame["number"].astype(str), strict=True))
        total = {
            name: sum(document[field] for _, document in documents[name])
            for name, field in (("calls", "duration"), ("deals", "price"), ("people", "websiteVisits"))
        }
        sums = {"calls": crm.calls["duration"], "deals": crm.deals["price"], "people": crm.people["visits"]}
        assert total == {name: column.sum() for name, column in sums.items()}
        commission = sum(document["commissionValue"] for _, document in documents["deals"])
        assert round(commission * 100) == crm.deals["commission_cents"].sum()
        assert sum(document["peopleCount"] for _, document in documents["stages"]) == len(crm.people)

    def test_references_lead_somewhere(self, documents: dict[str, list[Any]]) -> None:
        people = {(record.account, document["id"]) for record, document in documents["people"]}
        for collection in ("calls", "events", "textMessages"):
            named = {(record.account, document["personId"]) for record, document in documents[collection]}
            assert {one for one in named if one[1] is not None} <= people
        stages = {
            (record.account, stage["id"], stage["closedStage"])
            for record, document in documents["pipelines"]
            for stage in document["stages"]
        }
        for record, document in documents["deals"]:
            closed = document["enteredStageAt"] if document["timeToClose"] else None
            assert (record.account, document["stageId"], bool(closed) or document["stageName"] == "Closed") in stages

    def test_variety(self, documents: dict[str, list[Any]]) -> None:
        deals = {document["status"] for _, document in documents["deals"]}
        assert deals <= {"Active", "Archived", "Deleted"}
        assert len(deals) > 1
        people = [document for _, document in documents["people"]]
        assert {bool(one["emails"]) for one in people} == {True, False}
        assert any(one["emails"] and one["emails"][0]["isPrimary"] == 0 for one in people)
        assert any(one["source"] == "<unspecified>" for one in people)
        assert any(one["assignedUserId"] is None for one in people)
        assert any(one["createdById"] == -1 for _, one in documents["calls"])

    def test_a_row_stays_as_it_is_whatever_comes_around_it(self, world: World) -> None:
        live = world.live
        fewer = replace(live.crm, calls=live.crm.calls[live.crm.calls["id"] != 5].reset_index(drop=True))
        other = replace(world, live=replace(live, crm=fewer))
        before = {(one.collection, one.account, one.id): one.document for one in records(world)}
        after = {(one.collection, one.account, one.id): one.document for one in records(other)}
        gone = set(before) - set(after)
        assert [one[0] for one in gone] == ["calls"]
        assert {key for key in after if after[key] != before[key]} == set()

    def test_everything_can_be_read_and_a_day_later_what_changed(self, world: World, tmp_path: Path) -> None:
        store = Store(tmp_path / "fub.sqlite")
        landed: dict[str, Landed] = {}
        asked = []
        with served() as made:
            made.store = store
            for today in (world, build(scale=0.01, day=1)):
                stand_in.fill(store, today)
                accounts = today.live.crm.accounts
                made.requests.clear()
                for account, number in zip(accounts["id"].astype(str), accounts["number"], strict=True):
                    reader = connected(account, f"fka_sandbox_{number}")
                    for one in RESOURCES:
                        landed.setdefault(account, Landed()).walk(one, reader)
                asked.append(sum(made.requests.values()))
                for table, path in LISTS.items():
                    for account, one in landed.items():
                        rows = {row[0]: json.loads(row[3]) for row in store.select(path, account)}
                        assert one.tables[table] == rows, (table, account)
        assert asked[1] < asked[0] / 5
