"""The stand-in for the customer app: fills a Postgres database the way the app keeps one.

Layout: shape A of its tables (`connectors/customer_app/shape.py`), with those later columns that figures are made of:
upload sessions, tokens and sessions of events, validated addresses, consents. A comment on `public.users` keeps what
it was filled with.

Alone: `python -m connectors.customer_app.stand_in --url postgresql://… --scale 0.1`. Does not belong here: who is in
it and what they do (`connectors/sandbox/app.py`).
"""

from __future__ import annotations

import io
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import psycopg
from psycopg import sql

from connectors.postgres import quoted
from connectors.sandbox import app, app_words, command
from connectors.sandbox import edition as editions
from connectors.sandbox.app import AppWorld
from connectors.sandbox.world import SEED
from connectors.v1.stand_in import Filled

SALT = "sandbox salt, as good as none"
_OLD_SALT = "the salt before"
_OLD_SALT_USERS = 90
"""Every so manieth user's token is of an earlier salt, and stands all the same."""

_QUESTIONNAIRE = (
    "emotional_state text[], financial_context text[], motivation text, motivation_other text, acquisition_source text,"
    " acquisition_other text, insight_preferences text[], insight_other text, last_step integer default 0,"
    " completed_at timestamptz"
)
_LINE = (
    "description text not null, merchant text, amount numeric(12,2) not null, cashflow text not null"
    " check (cashflow in ('income', 'expense', 'other')), account text not null, category text not null,"
    " label text default '', created_at timestamptz default now(), upload_session_id text"
)
_OF_USER = "integer not null references public.users (id) on delete cascade"

TABLES = {
    "users": "id integer primary key, email text not null unique, password_hash text not null, display_name text,"
    " login_attempts integer default 0, is_active boolean default true, email_validated boolean default false,"
    " created_at timestamptz default now(), updated_at timestamptz default now(),"
    " account_creation_consent_at timestamptz, cookie_consent_at timestamptz, cookie_consent_choice text,"
    " first_upload_consent_at timestamptz",
    "l0_pii_users": f"internal_user_id {_OF_USER} primary key, email text not null unique, display_name text,"
    " first_name text, last_name text, date_of_birth date, recovery_phone text, province_region text, ip_address text,"
    " ip_address_updated_at timestamptz, created_at timestamptz default now(), updated_at timestamptz default now(),"
    " deleted_at timestamptz",
    "l0_user_tokenization": f"internal_user_id {_OF_USER} primary key, tokenized_user_id text not null unique,"
    " created_at timestamptz default now()",
    "onboarding_responses": f"id integer primary key, user_id {_OF_USER}, {_QUESTIONNAIRE},"
    " created_at timestamptz default now(), updated_at timestamptz default now()",
    "user_events": f"id integer primary key, user_id {_OF_USER}, tokenized_user_id text, event_type text not null,"
    " event_timestamp timestamptz default now(), metadata jsonb, is_admin boolean default false, session_id text",
    "transactions": f"id integer primary key, user_id {_OF_USER}, date date not null, {_LINE}",
    "l1_transaction_facts": "id integer primary key, tokenized_user_id text not null"
    " references public.l0_user_tokenization (tokenized_user_id), transaction_date date not null, legacy_transaction_id"
    f" integer, {_LINE}",
}
"""Columns by table, in the order in which one table's rows need another's."""


def fill(url: str, seed: int = SEED, scale: float = 1.0, day: int = 0) -> dict[str, int]:
    """Bring the app's tables up to a day of its world, in one transaction; rows that stay are not written.

    Args:
        url: the database; tables filled with another world, or by other code, are made anew.
        seed: of the made-up world.
        scale: its size, 1 for some 4,000 users.
        day: how many days have passed in it.

    Returns:
        Rows new, changed and deleted per table.
    """
    world = app.build(seed, scale, day)
    before = filled_with(url)
    wanted = Filled(seed, scale, edition(), day)
    frames = _frames(world)
    with psycopg.connect(url) as connection:
        connection.execute("set local timezone to 'UTC'")
        if before is None or before._replace(day=day) != wanted:
            _make(connection)
        for table in TABLES:
            _copy(connection, table, frames[table])
        written = {table: _delete(connection, table, frames[table]) for table in reversed(TABLES)}
        for table in TABLES:
            written[table] += _write(connection, table, frames[table])
        noted = orjson.dumps(wanted._asdict()).decode()
        connection.execute(sql.SQL("comment on table public.users is {}").format(sql.Literal(noted)))
        connection.execute(f"analyze {', '.join(quoted('public', table) for table in TABLES)}")
    return written


def filled_with(url: str) -> Filled | None:
    """Return what the database was filled with, None if it never was."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select obj_description(to_regclass('public.users'), 'pg_class')").fetchone()
    return Filled(**orjson.loads(row[0])) if row and row[0] else None


def edition() -> str:
    """Return what tells this code's world from another version's."""
    return editions.edition(Path(__file__).parent)


def configuration(url: str) -> dict[str, str]:
    """The settings that lead the connector here."""
    return {"SOURCES__CUSTOMER_APP__URL": url, "SOURCES__CUSTOMER_APP__TOKENIZATION_SALT": SALT}


def _make(connection: psycopg.Connection[Any]) -> None:
    for table, columns in TABLES.items():
        connection.execute(f"drop table if exists {quoted('public', table)} cascade")
        connection.execute(f"create table {quoted('public', table)} ({columns})")


def _copy(connection: psycopg.Connection[Any], table: str, frame: pd.DataFrame) -> None:
    """Copy a frame into `coming_<table>`."""
    coming, columns = quoted(f"coming_{table}"), ", ".join(map(quoted, frame.columns))
    connection.execute(f"create temporary table {coming} (like {quoted('public', table)}) on commit drop")
    with connection.cursor().copy(f"copy {coming} ({columns}) from stdin (format csv, null '\\N')") as copy:
        for first in range(0, len(frame), 20_000):
            text = io.StringIO()
            frame.iloc[first : first + 20_000].to_csv(text, header=False, index=False, na_rep="\\N")
            copy.write(text.getvalue())
    connection.execute(f"analyze {coming}")


def _delete(connection: psycopg.Connection[Any], table: str, frame: pd.DataFrame) -> int:
    key = quoted(frame.columns[0])
    return connection.execute(
        f"delete from {quoted('public', table)} t where not exists"
        f" (select from {quoted(f'coming_{table}')} c where c.{key} = t.{key})"
    ).rowcount


def _write(connection: psycopg.Connection[Any], table: str, frame: pd.DataFrame) -> int:
    """Write rows that are new or differ."""
    names = [quoted(name) for name in frame.columns]
    listed, told = ", ".join(names), ", ".join(f"excluded.{name}" for name in names)
    here = ", ".join(f"t.{name}" for name in names)
    return connection.execute(
        f"insert into {quoted('public', table)} as t ({listed}) select {listed} from {quoted(f'coming_{table}')}"
        f" on conflict ({names[0]}) do update set ({listed}) = row ({told})"
        f" where ({here}) is distinct from ({told})"
    ).rowcount


def _frames(world: AppWorld) -> dict[str, pd.DataFrame]:
    """The tables' rows; the first column is the key."""
    users = world.users
    tokens = _tokens(users)
    token_of = tokens.set_index("internal_user_id")["tokenized_user_id"]
    lines, lines_of = world.lines, {"created_at": world.lines["created"], "upload_session_id": world.lines["upload"]}
    line = {
        **{name: lines[name] for name in ("description", "merchant", "cashflow", "account", "category", "label")},
        "amount": lines["amount_cents"].map(
            lambda cents: f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
        ),
        **lines_of,
    }
    events = world.events
    told = lines["id"] > 0
    return {
        "users": _users(users),
        "l0_pii_users": _identities(world),
        "l0_user_tokenization": tokens,
        "onboarding_responses": _answers(world.answers),
        "user_events": pd.DataFrame(
            {
                "id": events["id"],
                "user_id": events["user_id"],
                "tokenized_user_id": events["user_id"].map(token_of).where(events["with_token"]),
                "event_type": events["event_type"],
                "event_timestamp": events["moment"],
                "metadata": events["metadata"],
                "is_admin": events["is_admin"],
                "session_id": events["session"],
            }
        ),
        "transactions": pd.DataFrame({"id": lines["id"], "user_id": lines["user_id"], "date": lines["date"], **line})[
            told
        ],
        "l1_transaction_facts": pd.DataFrame(
            {
                "id": lines["fact_id"],
                "tokenized_user_id": lines["user_id"].map(token_of),
                "transaction_date": lines["date"],
                "legacy_transaction_id": lines["id"].where(told).astype("Int64"),
                **line,
            }
        ),
    }


def _users(users: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": users["id"],
            "email": users["email"],
            "password_hash": [f"$2b$12${sha256(str(number).encode()).hexdigest()[:53]}" for number in users["id"]],
            "display_name": _shown_name(users),
            "login_attempts": users["logins"],
            "is_active": users["active"].map({"yes": "t", "no": "f"}),
            "email_validated": users["validated"],
            "created_at": users["created"],
            "updated_at": users["updated"],
            "account_creation_consent_at": users["created"],
            "cookie_consent_at": users["cookie_at"],
            "cookie_consent_choice": users["cookie_choice"].where(users["cookie_at"].notna()),
            "first_upload_consent_at": users["first_upload"],
        }
    )


def _shown_name(users: pd.DataFrame) -> pd.Series:
    """What people call themselves: some nothing, some their whole name."""
    whole = users["first_name"] + " " + users["last_name"]
    return users["first_name"].where(users["id"] % 3 > 0, whole).where(users["id"] % 11 > 0)


def _identities(world: AppWorld) -> pd.DataFrame:
    """Who users are, as far as they came to say so."""
    users = world.users
    finished = users["id"].isin(world.answers["user_id"][world.answers["completed"].notna()])
    has_phone = finished & (users["id"] % 4 > 0)
    phones = users["phone"].map(lambda number: f"+1 416-555-01{number:02d}")
    return pd.DataFrame(
        {
            "internal_user_id": users["id"],
            "email": users["email"],
            "display_name": _shown_name(users),
            "first_name": users["first_name"].where(finished),
            "last_name": users["last_name"].where(finished & (users["id"] % 5 > 0)),
            "date_of_birth": users["birthdate"].where(finished),
            "recovery_phone": phones.where(has_phone),
            "province_region": users["province"].where(finished),
            "ip_address": users["id"].map(lambda number: f"203.0.113.{number % 254 + 1}").where(users["logins"] > 0),
            "ip_address_updated_at": users["updated"].where(users["logins"] > 0),
            "created_at": users["created"],
            "updated_at": users[["updated", "erased"]].max(axis=1),
            "deleted_at": users["erased"],
        }
    )


def _tokens(users: pd.DataFrame) -> pd.DataFrame:
    having = users[users["has_token"]]
    made = [
        sha256(f"{number}{SALT if number % _OLD_SALT_USERS else _OLD_SALT}".encode()).hexdigest()
        for number in having["id"]
    ]
    created = having["created"].where(having["first_upload"].isna(), having["first_upload"])
    return pd.DataFrame({"internal_user_id": having["id"], "tokenized_user_id": made, "created_at": created})


def _answers(answers: pd.DataFrame) -> pd.DataFrame:
    """What is noted of the answers: those of the steps that were finished."""
    step = answers["step"]
    went_else = answers["motivation"] == app_words.MOTIVATION[-1]
    came_else = answers["acquisition"] == app_words.ACQUISITION[-1]
    return pd.DataFrame(
        {
            "id": answers["id"],
            "user_id": answers["user_id"],
            "emotional_state": answers["emotional"].map(_array).where(step >= 1),
            "financial_context": answers["financial"].map(_array).where(step >= 2),
            "motivation": answers["motivation"].where(step >= 3),
            "motivation_other": answers["free_text"].where((step >= 3) & went_else),
            "acquisition_source": answers["acquisition"].where(step >= 4),
            "acquisition_other": answers["free_text"].where((step >= 4) & came_else),
            "insight_preferences": answers["insights"].map(_array).where(step >= 5),
            "insight_other": answers["free_text"].where((step >= 5) & (answers["id"] % 9 == 0)),
            "last_step": step.where(step >= 0).astype("Int64"),
            "completed_at": answers["completed"],
            "created_at": answers["created"],
            "updated_at": answers["updated"],
        }
    )


def _array(values: tuple[str, ...]) -> str:
    """An array as Postgres writes it."""
    return "{" + ",".join(f'"{value}"' for value in values) + "}"


def main() -> None:
    """Fill the app's database from the command line."""
    command.run("Fill a Postgres database with the made-up customer app.", "SOURCES__CUSTOMER_APP__URL", fill)


if __name__ == "__main__":
    main()
