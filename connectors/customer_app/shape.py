"""The three shapes of the app's tables, and how each is read as the first one.

Belongs here: which tables and columns there are, what plays the part of what, the SQL that says so. Does not belong
here: reading rows and telling changed ones (`connectors/customer_app/source.py`).

    shape  accounts                            questionnaire                            events
    A      users                               onboarding_responses                     user_events
    B      users, the questionnaire merged in  merged columns; the old table is kept    l1_events
    C      l1_user_permissions + l0_pii_users  onboarding_ or l1_onboarding_responses   l1_event_facts

Only the columns below are ever selected: what else a table holds, a password's hash first of all, stays there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import psycopg

from connectors.postgres import quoted
from connectors.rest import SourceError

_QUESTIONNAIRE = (
    "emotional_state financial_context motivation motivation_other acquisition_source acquisition_other"
    " insight_preferences insight_other last_step completed_at"
)
_STATEMENT_LINE = "description merchant amount cashflow account category label created_at"

COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(text.split())
    for name, text in {
        "users": "id email display_name login_attempts is_active email_validated created_at updated_at"
        " account_creation_consent_at cookie_consent_at cookie_consent_choice first_upload_consent_at"
        f" {_QUESTIONNAIRE}",
        "l0_pii_users": "internal_user_id id email display_name first_name last_name date_of_birth recovery_phone"
        " province_region ip_address ip_address_updated_at created_at updated_at deleted_at",
        "l0_user_tokenization": "internal_user_id tokenized_user_id created_at",
        "onboarding_responses": f"id user_id {_QUESTIONNAIRE} first_name last_name date_of_birth recovery_phone"
        " province_region created_at updated_at",
        "user_events": "id user_id tokenized_user_id event_type event_timestamp metadata is_admin session_id",
        "transactions": f"id user_id date {_STATEMENT_LINE} upload_session_id",
        "l1_transaction_facts": f"id tokenized_user_id transaction_date {_STATEMENT_LINE} legacy_transaction_id"
        " upload_session_id",
    }.items()
}
"""What is read of each table; the first column is its key."""

PERSONAL = frozenset(
    "email display_name first_name last_name date_of_birth recovery_phone province_region ip_address".split()
)

_NAMES = {
    "users": ("users", "users", "l1_user_permissions"),
    "onboarding_responses": ("onboarding_responses", "onboarding_responses", "l1_onboarding_responses"),
    "user_events": ("user_events", "l1_events", "l1_event_facts"),
}
"""What a table is called in shape A, B and C, where that is not always the same."""

MERGED_IDS = 1_000_000_000
"""Added to a user's id it is the id of an answer that the app keeps with the user, and so without one of its own."""

Tables = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Reading:
    """How one table of shape A is read out of what there is.

    Attributes:
        entity: its name in shape A, and where it lands.
        table: what plays its part.
        columns: SQL per column; `null` for one the source lacks.
        origin: SQL after `from`, with `t` as the alias of what holds the key.
        writer: SQL text that is another one once a row was written anew.
        is_plain: is a row of it a row of one table, so that the transaction that wrote it tells new ones?
        missing: columns the source lacks.
        not_read: columns of the source that are not read.
    """

    entity: str
    table: str
    columns: Mapping[str, str]
    origin: str
    writer: str = "t.xmin::text"
    is_plain: bool = True
    missing: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The column by which rows are told apart."""
        return COLUMNS[self.entity][0]

    @property
    def key_sql(self) -> str:
        """SQL of the key, as text."""
        return f"({self.columns[self.key]})::text"

    def query(self, where: str = "true") -> str:
        """SQL of the rows as JSON, those for which the condition holds."""
        selected = ", ".join(f"{sql} as {quoted(name)}" for name, sql in self.columns.items())
        return f"select to_jsonb(r)::text from (select {selected} from {self.origin} where {where}) r"

    @property
    def edition(self) -> str:
        """Tells this way to read from another: rows read in another way are all read again."""
        return blake2b(f"{self.query()} {self.writer}".encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Shape:
    """What was found: the letter, and per table of shape A how it is read, None where nothing plays its part."""

    letter: str
    readings: Mapping[str, Reading | None]

    def told(self) -> dict[str, Any]:
        """Return the shape as it lands, for models that must tell what was not there from what was not so."""
        return {
            "shape": self.letter,
            "tables": {
                entity: reading
                and {"table": reading.table, "missing": list(reading.missing), "not_read": list(reading.not_read)}
                for entity, reading in self.readings.items()
            },
        }


def find(connection: psycopg.Connection[Any]) -> Shape:
    """Look which shape the database is of.

    Raises:
        SourceError: it is none of the app's.
    """
    rows = connection.execute(
        "select c.relname::text, array_agg(a.attname::text order by a.attnum) from pg_class c"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') group by 1"
    )
    tables = {name: tuple(columns) for name, columns in rows}
    letter = _letter(tables)
    return Shape(letter, {entity: _reading(entity, letter, tables) for entity in COLUMNS})


def _letter(tables: Tables) -> str:
    if "l1_user_permissions" in tables:
        return "C"
    if "users" not in tables:
        raise SourceError(
            "customer_app: the database has neither a table users nor l1_user_permissions in schema public:"
            " check sources.customer_app.url"
        )
    return "B" if "l1_events" in tables or "last_step" in tables["users"] else "A"


def _reading(entity: str, letter: str, tables: Tables) -> Reading | None:
    """How a table is read. On the way from one shape to the next older names may still be in use."""
    names = _NAMES.get(entity, (entity,) * 3)
    candidates = [names["ABC".index(letter)], *reversed(names)]
    table = next((name for name in candidates if name in tables), None)
    if table is None:
        return None
    if COLUMNS[entity][0] not in tables[table]:
        raise SourceError(
            f"customer_app: table {table} has no column {COLUMNS[entity][0]}: this is another app than the contract's"
        )
    reading = _plain(entity, table, tables)
    if table == "l1_user_permissions" and "l0_pii_users" in tables:
        return _with_addresses(reading, tables["l0_pii_users"])
    if entity == "onboarding_responses" and letter == "B" and "last_step" in tables["users"]:
        return _with_merged(reading, tables["users"])
    return reading


def _plain(entity: str, table: str, tables: Tables) -> Reading:
    found = tables[table]
    columns = {name: f"t.{quoted(name)}" if name in found else "null" for name in COLUMNS[entity]}
    if entity == "l0_pii_users" and "deleted_at" in found:
        # What the app hides for its last thirty days is hidden here at once.
        for name in PERSONAL & set(found):
            columns[name] = f"case when t.deleted_at is null then {columns[name]} end"
    return Reading(
        entity,
        table,
        columns,
        f"{quoted('public', table)} t",
        missing=tuple(name for name in COLUMNS[entity] if name not in found),
        not_read=tuple(name for name in found if name not in COLUMNS[entity]),
    )


def _with_addresses(users: Reading, pii: tuple[str, ...]) -> Reading:
    """Users of shape C: who may do what, and beside it who it is."""
    there = [name for name in ("email", "display_name") if name in users.missing and name in pii]
    shown = " and p.deleted_at is null" if "deleted_at" in pii else ""
    return Reading(
        users.entity,
        users.table,
        {**users.columns, **{name: f"p.{quoted(name)}" for name in there}},
        f"{users.origin} left join public.l0_pii_users p on p.internal_user_id = t.id{shown}",
        writer="concat_ws('/', t.xmin, p.xmin)",
        is_plain=False,
        missing=tuple(name for name in users.missing if name not in there),
        not_read=users.not_read,
    )


def _with_merged(answers: Reading, users: tuple[str, ...]) -> Reading:
    """Answers of shape B: the table kept from shape A, and over it the columns that users were given.

    A user's own columns are the later ones: their row is made not to lie before any kept row of the user.
    """
    merged = {name: f"u.{quoted(name)}" for name in _QUESTIONNAIRE.split() if name in users}
    merged |= {
        "id": f"{MERGED_IDS} + u.id",
        "user_id": "u.id",
        "created_at": "greatest(u.created_at, (select max(o.created_at) from public.onboarding_responses o"
        " where o.user_id = u.id))",
        "updated_at": "u.updated_at" if "updated_at" in users else "null",
    }
    names = [name for name in answers.columns if name not in answers.missing or name in merged]
    kept = ", ".join(answers.columns[name] for name in names)
    added = ", ".join(merged.get(name, "null") for name in names)
    said = " or ".join(f"to_jsonb({sql}) not in ('[]', '\"\"')" for name, sql in merged.items() if name in _SAID)
    listed = ", ".join(quoted(name) for name in names)
    return Reading(
        answers.entity,
        answers.table,
        {name: f"t.{quoted(name)}" if name in names else "null" for name in answers.columns},
        f"(select {kept}, t.xmin::text from {answers.origin} union all"
        f" select {added}, u.xmin::text from public.users u where u.last_step > 0 or {said})"
        f" t({listed}, writer)",
        writer="t.writer",
        is_plain=False,
        missing=tuple(name for name in answers.missing if name not in names),
        not_read=answers.not_read,
    )


_SAID = frozenset(_QUESTIONNAIRE.split()) - {"last_step"}
"""Columns that are null until the user answers; `last_step` is 0 until then."""
