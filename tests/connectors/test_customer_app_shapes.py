"""The customer app at shapes B and C, and its tokens."""

from __future__ import annotations

from hashlib import sha256

import psycopg
import pytest
from app_database import TO_B, TO_C, AppDatabase, app, app_url, only_known
from live import landed, state

from connectors.customer_app import stand_in
from connectors.customer_app.shape import COLUMNS, MERGED_IDS

__all__ = ["app", "app_url"]  # fixtures

TOKENS = "l0_user_tokenization"


def requests(app: AppDatabase, table: str) -> set[tuple[str | None, str]]:
    rows = landed(app.warehouse, "customer", table, "request, deleted_at")
    return {(row["table"], row["shape"]) for row, deleted_at in rows if row and not deleted_at and "table" in row}


def latest(rows: dict[str, dict]) -> dict[int, dict]:
    """The answers that count: of a user's rows the latest, of equally late ones the highest."""
    ordered = sorted(rows.values(), key=lambda row: (row["created_at"], row["id"]))
    return {row["user_id"]: row for row in ordered}


class TestShapeB:
    def test_events_and_accounts(self, app: AppDatabase) -> None:
        events = app.source("user_events")
        app.do(TO_B)
        assert app.sync().failures == []
        assert app.told()["shape"] == "B"
        assert app.told()["tables"]["user_events"]["table"] == "l1_events"
        assert app.told()["tables"]["users"]["missing"] == []
        assert app.landed("user_events") == events
        assert requests(app, "user_events") == {("l1_events", "B")}
        users = app.source("users")
        for key, row in app.landed("users").items():
            assert row == {name: value for name, value in users[key].items() if name != "password_hash"}

    def test_merged_answers_win(self, app: AppDatabase) -> None:
        before = latest(app.source("onboarding_responses"))
        app.do(TO_B)
        app.do("update users set last_step = 5, motivation = 'Changed (later, and elsewhere)' where id in (2, 3)")
        app.sync()
        rows = app.landed("onboarding_responses")
        kept = app.source("onboarding_responses")
        assert {key: row for key, row in rows.items() if int(key) < MERGED_IDS} == {
            key: only_known(rows[key], row) | dict.fromkeys(set(rows[key]) - set(row)) for key, row in kept.items()
        }
        merged = {row["user_id"]: row for key, row in rows.items() if int(key) >= MERGED_IDS}
        after = latest(rows)
        assert merged.items() <= after.items()
        for user, row in before.items():
            names = ["emotional_state", "acquisition_source", "insight_preferences", "completed_at"]
            if user not in (2, 3):
                names += ["motivation", "last_step"]
            assert {name: after[user][name] or None for name in names} == {name: row[name] or None for name in names}
        assert after[2]["last_step"] == 5
        assert after[3]["motivation"] == "Changed (later, and elsewhere)"
        # Who never answered has no row: a default of {} or 0 says nothing.
        silent = {
            user
            for (user,) in app.rows("select id from users where coalesce(last_step, 0) = 0 and completed_at is null")
        }
        assert not silent & {user for user in merged if not before.get(user, {}).get("emotional_state")}

    def test_a_change_of_a_merged_answer_is_read(self, app: AppDatabase) -> None:
        app.do(TO_B)
        app.sync()
        assert app.sync().rows == {}
        app.do("update users set last_step = 7, completed_at = now() where id = 2")
        assert app.sync().rows == {"users": 1, "onboarding_responses": 1}


class TestShapeC:
    def test_everything_keeps_its_place(self, app: AppDatabase) -> None:
        before = {table: app.source(table, columns[0]) for table, columns in COLUMNS.items()}
        app.do(TO_B.replace("l1_events", "l1_event_facts") + TO_C)
        assert app.sync().failures == []
        told = app.told()
        assert told["shape"] == "C"
        assert {entity: one and one["table"] for entity, one in told["tables"].items()} == {
            "users": "l1_user_permissions",
            "l0_pii_users": "l0_pii_users",
            TOKENS: TOKENS,
            "onboarding_responses": "l1_onboarding_responses",
            "user_events": "l1_event_facts",
            "transactions": None,
            "l1_transaction_facts": "l1_transaction_facts",
        }
        assert told["tables"]["l1_transaction_facts"]["missing"] == ["upload_session_id"]
        assert {"updated_at", "last_step"} <= set(told["tables"]["users"]["missing"])
        assert not {"email", "display_name"} & set(told["tables"]["users"]["missing"])
        assert app.landed("transactions") == {}
        assert app.landed("user_events") == before["user_events"]
        facts = app.landed("l1_transaction_facts")
        assert facts == {key: row | {"upload_session_id": None} for key, row in before["l1_transaction_facts"].items()}
        users = app.landed("users")
        assert users.keys() == before["users"].keys()
        for key, row in users.items():
            person = before["l0_pii_users"][key]
            shown = None if person["deleted_at"] else person["email"]
            assert (row["email"], row["created_at"]) == (shown, before["users"][key]["created_at"])
            assert row["updated_at"] is None

    def test_an_address_that_changes_or_goes_is_read(self, app: AppDatabase) -> None:
        app.do(TO_B.replace("l1_events", "l1_event_facts") + TO_C)
        app.sync()
        assert app.sync().rows == {}
        app.do(
            "update l0_pii_users set email = 'other@example.com' where internal_user_id = 2;"
            " delete from l0_pii_users where internal_user_id = 3"
        )
        assert app.sync().failures == []
        users = app.landed("users")
        assert (users["2"]["email"], users["3"]["email"]) == ("other@example.com", None)

    @pytest.mark.parametrize("steps", [[TO_B.replace("l1_events", "l1_event_facts") + TO_C], [TO_B, TO_C]])
    def test_on_the_way(self, app: AppDatabase, steps: list[str]) -> None:
        """The app migrates between two syncs: what is landed is what a first sync would land."""
        app.sync()
        for step in steps:
            app.do(step)
            assert app.sync().failures == []
        grown = {table: app.landed(table) for table in COLUMNS}
        with psycopg.connect(app.warehouse) as connection:
            connection.execute("drop schema staging_customer cascade")
        assert app.sync().failures == []
        assert {table: app.landed(table) for table in COLUMNS} == grown
        assert app.told()["shape"] == "C"


class TestTokens:
    def test_the_apps_own_win_and_the_others_are_made(self, app: AppDatabase) -> None:
        app.sync()
        own, ours = app.source(TOKENS, "internal_user_id"), app.landed(TOKENS)
        assert own
        assert {key: ours[key] for key in own} == own
        older = [key for key in own if own[key]["tokenized_user_id"] != made(key, stand_in.SALT)]
        assert older or len(own) < 90
        new = ours.keys() - own.keys()
        assert new
        assert {key: ours[key]["tokenized_user_id"] for key in new} == {key: made(key, stand_in.SALT) for key in new}
        told = landed(app.warehouse, "customer", TOKENS, "key, request")
        assert {key for key, request in told if request.get("made_here")} == new
        assert len({row["tokenized_user_id"] for row in ours.values()}) == len(ours)

    def test_what_is_landed_wins_over_another_salt(self, app: AppDatabase) -> None:
        app.sync()
        before = app.landed(TOKENS)
        app.do(
            "delete from l1_transaction_facts where id % 100 = 0; alter table l1_transaction_facts"
            f" drop constraint l1_transaction_facts_tokenized_user_id_fkey; drop table {TOKENS}"
        )
        app.salt = "another"
        assert app.sync().failures == []
        assert app.landed(TOKENS) == before
        app.do("insert into users (id, email, password_hash) values (90001, 'z@example.com', 'x')")
        app.sync()
        assert app.landed(TOKENS)["90001"]["tokenized_user_id"] == made("90001", "another")

    def test_a_token_that_the_app_gives_later_wins(self, app: AppDatabase) -> None:
        app.sync()
        (user,) = app.rows(f"select max(id) from users where id not in (select internal_user_id from {TOKENS})")[0]
        app.do(f"insert into {TOKENS} values ({user}, repeat('ab', 32))")
        assert app.sync().rows == {TOKENS: 1}
        assert app.landed(TOKENS)[str(user)]["tokenized_user_id"] == "ab" * 32

    def test_without_a_salt(self, app: AppDatabase) -> None:
        without = len(app.source("users")) - len(app.source(TOKENS, "internal_user_id"))
        app.salt = ""
        (line,) = app.sync().failures
        assert f"{TOKENS}: customer_app: {without} users have no token" in line
        assert line.endswith("set sources.customer_app.tokenization_salt to the app's own TOKENIZATION_SALT")
        status = {resource: row[0] for (_, resource), row in state(app.warehouse, "customer").items()}
        assert {resource for resource, one in status.items() if one == "error"} == {TOKENS}
        # The app's own are landed all the same, and nothing else suffers.
        assert app.landed(TOKENS) == app.source(TOKENS, "internal_user_id")
        assert app.landed("user_events") == app.source("user_events")
        app.salt = stand_in.SALT
        assert app.sync().failures == []
        assert app.landed(TOKENS).keys() == app.landed("users").keys()

    def test_no_salt_is_needed_where_the_app_has_all_tokens(self, app: AppDatabase) -> None:
        app.do(
            f"insert into {TOKENS} select id, encode(sha256(id::text::bytea), 'hex') from users on conflict do nothing"
        )
        app.salt = ""
        assert app.sync().failures == []


def made(key: str, salt: str) -> str:
    return sha256(f"{key}{salt}".encode()).hexdigest()
