"""The customer marts, from the app's rows as they landed.

Belongs here: `agg_cohort_activation`, `agg_cohort_engagement`, `agg_vanity_metrics_monthly`, `customer_data`. Does not
belong here: how the app's three shapes are told apart (`connectors/customer_app/shape.py`).
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from oracle.sums import nearest
from oracle.values import boolean, business_day, frame, integer, text

Row = dict[str, Any]

LAST_STEP, WEEKS = 7, 12
_STEPS = Path(__file__).parents[3] / "seeds" / "customer_onboarding_steps.csv"
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class App:
    """The app's rows that still stand.

    Args:
        read: gives the landed payloads of a table, rows that the app deleted left out.
        as_of: the day the marts are for.
        excluded: ids of users who do not count.
        admin: SHA-256 of the administrator's address.
        flow: whose names the steps have.
    """

    def __init__(
        self,
        read: Callable[[str], list[Row]],
        as_of: date,
        *,
        excluded: Iterable[int] = (),
        admin: str | None = None,
        flow: str = "labels",
    ) -> None:
        self.read, self.as_of, self.flow = read, as_of, flow
        self._excluded, self._admin = frozenset(excluded), admin

    def has(self, table: str, column: str | None = None) -> bool:
        """Does the source have the table, and in it the column?"""
        told = [row["tables"].get(table) for row in self.read("shape")]
        return any(one is not None and column not in one.get("missing", []) for one in told)

    @cached_property
    def users(self) -> dict[int, Row]:
        """Who counts, by id."""
        counting = {}
        for user in self.read("users"):
            signed_up = business_day(moment(user.get("created_at")))
            address = (text(user.get("email")) or "").lower().encode()
            is_admin = hashlib.sha256(address).hexdigest() == self._admin
            if user["id"] not in self._excluded and not is_admin and (signed_up is None or signed_up <= self.as_of):
                counting[user["id"]] = user | {"day": signed_up}
        return counting

    @cached_property
    def cohorts(self) -> dict[date, list[int]]:
        """Users by the Monday of their week."""
        found = defaultdict(list)
        for number, user in self.users.items():
            if user["day"]:
                found[monday(user["day"])].append(number)
        return found

    @cached_property
    def events(self) -> list[tuple[int, str, datetime | None]]:
        """User, kind and moment of everything a user who counts has done so far."""
        return [
            (event["user_id"], event["event_type"], at)
            for event in self.read("user_events")
            if event["user_id"] in self.users
            and event.get("is_admin") is not True
            and self._happened(at := moment(event.get("event_timestamp")))
        ]

    @cached_property
    def lines(self) -> list[tuple[int, datetime | None, str | None, str | None]]:
        """User, moment of the upload, account and import of every statement line."""
        owner = {row["tokenized_user_id"]: row["internal_user_id"] for row in self.read("l0_user_tokenization")}
        facts = self.read("l1_transaction_facts")
        imports: dict[int, list[str]] = defaultdict(list)
        for fact in facts:
            if fact.get("legacy_transaction_id") is not None and fact.get("upload_session_id"):
                imports[fact["legacy_transaction_id"]].append(fact["upload_session_id"])
        told = [
            (line["user_id"], line, line.get("upload_session_id") or min(imports[line["id"]], default=None))
            for line in self.read("transactions")
        ]
        told += [
            (owner.get(fact["tokenized_user_id"]), fact, fact.get("upload_session_id"))
            for fact in facts
            if fact.get("legacy_transaction_id") is None or not self.has("transactions")
        ]
        return [
            (number, at, (text(line["account"]) or "").lower() or None, upload)
            for number, line, upload in told
            if number in self.users and self._happened(at := moment(line.get("created_at")))
        ]

    @cached_property
    def uploads(self) -> list[tuple[int, date | None]] | None:
        """User and day of every upload; None where nothing tells of them."""
        if self.has("transactions", "upload_session_id") or self.has("l1_transaction_facts", "upload_session_id"):
            first: dict[tuple[int, str], list[date]] = defaultdict(list)
            for number, at, _, upload in self.lines:
                if upload:
                    first[number, upload] += [business_day(at)] if at else []
            return [(number, min(days, default=None)) for (number, _), days in first.items()]
        is_first_shape = any(row["shape"] == "A" for row in self.read("shape"))
        if self.has("user_events") and (not is_first_shape or self.knows("statement_upload")):
            return [(number, business_day(at)) for number, kind, at in self.events if kind == "statement_upload"]
        return None

    def knows(self, kind: str) -> bool:
        """Is there an event of this kind at all, whosever it is?"""
        return any(event["event_type"] == kind for event in self.read("user_events"))

    @cached_property
    def answers(self) -> dict[int, Row]:
        """The questionnaire that counts, by user."""
        ranked = sorted(
            self.read("onboarding_responses"), key=lambda row: (moment(row.get("created_at")) or _EARLIEST, row["id"])
        )
        return {row["user_id"]: row for row in ranked}

    def onboarding(self, number: int) -> tuple[int, bool]:
        """The last step a user finished, and whether he completed."""
        answer = self.answers.get(number, {})
        step = min(max(integer(answer.get("last_step")) or 0, 0), LAST_STEP)
        return step, moment(answer.get("completed_at")) is not None

    @property
    def asks(self) -> bool:
        """Does the source tell how far the onboarding went?"""
        return any(
            self.has(table, "last_step") and self.has(table, "completed_at")
            for table in ("onboarding_responses", "users")
        )

    def _happened(self, at: datetime | None) -> bool:
        return at is None or business_day(at) <= self.as_of


def moment(raw: Any) -> datetime | None:
    """An ISO 8601 moment."""
    return datetime.fromisoformat(raw).astimezone(UTC) if text(raw) else None


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def activation(app: App) -> pd.DataFrame:
    """One row a cohort and step."""
    with _STEPS.open(encoding="utf-8", newline="") as file:
        labels = {int(row["step"]): row["label"] for row in csv.DictReader(file) if row["flow"] == app.flow}
    rows = []
    for week, cohort in app.cohorts.items():
        places = [app.onboarding(number) for number in cohort]
        for step in range(LAST_STEP + 1):
            reached = sum(is_done or last >= step for last, is_done in places)
            beyond = sum(is_done or last > step for last, is_done in places)
            told = (reached, beyond, reached - beyond, nearest(Fraction(beyond, len(cohort)), 6))
            rows.append((week, step, labels.get(step), len(cohort), *(told if app.asks else [None] * 4)))
    return _frame(rows, ACTIVATION)


def engagement(app: App) -> pd.DataFrame:
    """One row a cohort and week since the signup."""
    active: dict[str, set[tuple[int, int]]] = defaultdict(set)
    acts = [(number, kind, business_day(at)) for number, kind, at in app.events]
    acts += [(number, "upload", day) for number, day in app.uploads or []]
    for number, kind, day in acts:
        signed_up = app.users[number]["day"]
        if day and signed_up and day >= signed_up:
            active[kind].add((number, (day - signed_up).days // 7))
    rows = []
    for week, cohort in app.cohorts.items():
        for k in range(WEEKS):
            if week + timedelta(weeks=k) > app.as_of:
                break
            counts = [
                sum((number, k) in active[kind] for number in cohort)
                for kind in ("login", "dashboard_access", "upload")
            ]
            knows = (
                app.has("user_events"),
                app.has("user_events") and app.knows("dashboard_access"),
                app.uploads is not None,
            )
            told = [count if known else None for count, known in zip(counts, knows, strict=True)]
            rows.append(
                (week, k, len(cohort), *told, nearest(Fraction(counts[0], len(cohort)), 6) if knows[0] else None)
            )
    return _frame(rows, ENGAGEMENT)


def vanity(app: App) -> pd.DataFrame:
    """One row a month from the first signup on."""
    days = sorted(user["day"] for user in app.users.values() if user["day"])
    has_lines = app.has("transactions") or app.has("l1_transaction_facts")
    rows: list[tuple] = []
    month = days[0].replace(day=1) if days else app.as_of + timedelta(days=1)
    while month <= app.as_of:
        end = (month + timedelta(days=31)).replace(day=1)
        lines = [bank for _, at, bank, _ in app.lines if at and month <= business_day(at) < end]
        active = {
            number for number, kind, at in app.events if kind == "login" and at and month <= business_day(at) < end
        }
        rows.append(
            (
                month,
                sum(day < end for day in days),
                sum(month <= day < end for day in days),
                len(active) if app.has("user_events") else None,
                len(lines) if has_lines else None,
                len(set(lines) - {None}) if has_lines else None,
            )
        )
        month = end
    return _frame(rows, VANITY)


def customers(app: App) -> pd.DataFrame:
    """One row a user who counts."""
    token = {row["internal_user_id"]: row["tokenized_user_id"] for row in app.read("l0_user_tokenization")}
    did: dict[tuple[int, str], list[datetime | None]] = defaultdict(list)
    for number, kind, at in app.events:
        did[number, kind].append(at)
    lines: dict[int, list[tuple]] = defaultdict(list)
    for number, at, bank, _ in app.lines:
        lines[number].append((at, bank))
    uploads = [number for number, _ in app.uploads or []]
    has_lines = app.has("transactions") or app.has("l1_transaction_facts")
    has_events, has_dashboards = app.has("user_events"), app.has("user_events") and app.knows("dashboard_access")
    rows = []
    for number, user in app.users.items():
        answer = app.answers.get(number, {})
        step, is_done = app.onboarding(number)
        own = lines[number]
        active = boolean(user.get("is_active"))
        rows.append(
            (
                token[number],
                user["day"] and monday(user["day"]),
                moment(user.get("created_at")),
                moment(user.get("updated_at")),
                True if active is None else active,
                boolean(user.get("email_validated")),
                answer.get("emotional_state") or None,
                answer.get("financial_context") or None,
                text(answer.get("motivation")),
                text(answer.get("acquisition_source")),
                answer.get("insight_preferences") or None,
                step if app.asks else None,
                is_done if app.asks else None,
                moment(answer.get("completed_at")),
                max((at for at in did[number, "login"] if at), default=None),
                len(did[number, "login"]) if has_events else None,
                len(did[number, "dashboard_access"]) if has_dashboards else None,
                None if app.uploads is None else uploads.count(number),
                len(own) if has_lines else None,
                min((at for at, _ in own if at), default=None),
                len({bank for _, bank in own} - {None}) if has_lines else None,
            )
        )
    return _frame(rows, CUSTOMERS)


def _frame(rows: list[tuple], columns: tuple[str, ...]) -> pd.DataFrame:
    return frame((dict(zip(columns, row, strict=True)) for row in rows), columns)


ACTIVATION = (
    "week_start",
    "onboarding_step",
    "step_label",
    "cohort_size",
    "reached",
    "completed",
    "dropped",
    "completion_rate",
)
ENGAGEMENT = (
    "week_start",
    "weeks_since_signup",
    "cohort_size",
    "users_logged_in",
    "users_on_dashboard",
    "users_uploading",
    "retention",
)
VANITY = ("month", "total_users", "new_users", "mau", "transactions", "unique_banks")
CUSTOMERS = (
    "tokenized_user_id",
    "signup_week",
    "created_at",
    "updated_at",
    "is_active",
    "email_validated",
    "emotional_state",
    "financial_context",
    "motivation",
    "acquisition_source",
    "insight_preferences",
    "last_step",
    "onboarding_completed",
    "onboarding_completed_at",
    "last_login_at",
    "logins",
    "dashboard_accesses",
    "uploads",
    "transactions",
    "first_transaction_at",
    "unique_banks",
)

MARTS: dict[str, tuple[tuple[str, ...], Callable[[App], pd.DataFrame]]] = {
    "agg_cohort_activation": (("week_start", "onboarding_step"), activation),
    "agg_cohort_engagement": (("week_start", "weeks_since_signup"), engagement),
    "agg_vanity_metrics_monthly": (("month",), vanity),
    "customer_data": (("tokenized_user_id",), customers),
}
"""Per mart its key and the function that recomputes it."""
