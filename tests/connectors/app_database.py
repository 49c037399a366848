"""The customer app's database for tests: filled at the smallest scale, and led to its later shapes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from live import landed

from connectors.customer_app import stand_in
from connectors.customer_app.source import SOURCE
from connectors.sync import Account, Outcome, land

SCALE = 0.001

TO_B = """
alter table users add emotional_state text[], add financial_context text[], add motivation text,
    add motivation_other text, add acquisition_source text, add acquisition_other text,
    add insight_preferences text[] default '{}', add insight_other text, add last_step integer default 0,
    add completed_at timestamptz;
update users u set emotional_state = o.emotional_state, financial_context = o.financial_context,
    motivation = o.motivation, motivation_other = o.motivation_other, acquisition_source = o.acquisition_source,
    acquisition_other = o.acquisition_other, insight_preferences = o.insight_preferences,
    insight_other = o.insight_other, last_step = o.last_step, completed_at = o.completed_at
from (select distinct on (user_id) * from onboarding_responses order by user_id, created_at desc, id desc) o
where o.user_id = u.id;
alter table user_events rename to l1_events;
"""
"""What the app's own migrations do on the way to shape B, and below from A or B to C."""

TO_C = """
create table l1_user_permissions as select id, is_active, login_attempts, email_validated, created_at from users;
alter table l1_user_permissions add primary key (id);
drop table transactions;
drop table users cascade;
alter table onboarding_responses rename to l1_onboarding_responses;
alter table l1_transaction_facts drop column upload_session_id;
"""


class AppDatabase:
    """The app's database, and the warehouse it lands in."""

    def __init__(self, url: str, warehouse: str, folder: Path) -> None:
        self.url, self.warehouse, self.folder = url, warehouse, folder
        self.salt = stand_in.SALT
        stand_in.fill(url, scale=SCALE)

    @property
    def account(self) -> Account:
        return Account("app", {"url": self.url, "salt": self.salt})

    def sync(self, url: str = "", *, full: bool = False) -> Outcome:
        account = Account("app", {"url": url, "salt": self.salt}) if url else self.account
        return land(SOURCE, self.warehouse, self.folder, [account], full=full)

    def do(self, statements: str) -> None:
        with psycopg.connect(self.url) as connection:
            for statement in filter(str.strip, statements.split(";")):
                connection.execute(statement)  # type: ignore[call-overload]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload]

    def source(self, table: str, key: str = "id") -> dict[str, dict[str, Any]]:
        """The table's rows as JSON, by key."""
        with psycopg.connect(self.url) as connection:
            connection.execute("set timezone to 'UTC'")
            found = connection.execute(f"select {key}::text, to_jsonb(t) from {table} t")
            return dict(found.fetchall())

    def landed(self, table: str) -> dict[str, dict[str, Any]]:
        """The payloads that are not deleted, by key."""
        rows = landed(self.warehouse, "customer", table, "key, payload, deleted_at")
        return {key: payload for key, payload, deleted_at in rows if deleted_at is None}

    def told(self) -> dict[str, Any]:
        return self.landed("shape")["app"]


def only_known(row: dict[str, Any], of: dict[str, Any]) -> dict[str, Any]:
    """A landed row without the columns that the source's row lacks, all of which must be null."""
    assert not [name for name, value in row.items() if name not in of and value is not None]
    return {name: value for name, value in row.items() if name in of}


@pytest.fixture
def app_url(empty_database: str) -> Iterator[str]:
    """URL of the app's own database."""
    name = f"{empty_database.rsplit('/', 1)[1]}_app"[-63:]
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(f'create database "{name}" template template0')
        # As a server in the app's country has it.
        connection.execute(f"alter database \"{name}\" set timezone to 'America/Toronto'")
        yield empty_database.rsplit("/", 1)[0] + "/" + name
        connection.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def app(app_url: str, empty_database: str, tmp_path: Path) -> AppDatabase:
    """The app's database, filled, and an empty warehouse."""
    return AppDatabase(app_url, empty_database, tmp_path)
