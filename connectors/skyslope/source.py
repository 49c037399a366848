"""SkySlope: the sale and listing files an access key may see, and its users.

Fetched: `/api/files` (both kinds of file in full, in one answer) and `/api/users`. Paging: there is none; the history
is cut by month. Without dates an answer holds the files of the last seven days, as if there were no others.
A row is unique by its saleGuid, listingGuid or userGuid. Every answer says how many files it holds: one that holds
others was cut off, and fails.
Incremental: files modified since the newest one seen, a day earlier on. Once a week all files are read by the month
they were created in: a change of a checklist leaves `modifiedOn` as it was, and a deleted file leaves no trace.

    POST /auth/login ──session──┐
    GET /api/files (a month) ───┼─> staging_skyslope.stage_transactions_skyslope (sales), .stage_listing_skyslope
    GET /api/users ─────────────┘   staging_skyslope.users

Alone: `python -m connectors.skyslope` with DATABASE_URL, SOURCES__SKYSLOPE__CLIENT_ID, …CLIENT_SECRET and …ACCOUNTS
set. Does not belong here: what a field means, sentinels and spellings (the models of V2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import dlt

from connectors.errors import HeadwaterError
from connectors.rest import SourceError
from connectors.skyslope.session import BASE_URL, Session
from connectors.sync import Account, Context, Declared, Done, Page, Resource, Row, Source, Walk

SALES, LISTINGS, USERS = "stage_transactions_skyslope", "stage_listing_skyslope", "users"

_FILES = "api/files"
_KINDS = {"sale": (SALES, "saleGuid", "numberOfSales"), "listing": (LISTINGS, "listingGuid", "numberOfListings")}
_OF_ACCOUNT = ("name", "access_key", "access_secret")
_SWEPT = " swept "
_SWEEP_EVERY = timedelta(days=7)
_OVERLAP = timedelta(days=1)
_FIRST_YEAR = 2011
_BEFORE_ALL = "1900-01-01T00:00:00"

Window = tuple[str, str | None]


def _text(moment: datetime) -> str:
    """A moment as the API takes it: UTC without a zone."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _moment(text: Any) -> str | None:
    """A moment of a file to the second, None for none: year 1 stands for no date."""
    try:
        moment = datetime.fromisoformat(str(text)[:19])
    except ValueError:
        return None
    return None if moment.year < 1900 else _text(moment)


def windows(begin: datetime, end: datetime) -> Iterator[Window]:
    """Cut the time since `begin` by months. The last window, which `end` lies in, has no end: nothing is too new.

    Each begins a second before the one before it ends, since nobody says whether the API counts the ends in.
    """
    while True:
        following = (begin.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0)
        since = _text(begin - timedelta(seconds=1))
        if following > end:
            yield since, None
            return
        yield since, _text(following)
        begin = following


def _history(first_year: int, now: datetime) -> Iterator[Window]:
    """Everything: what was created before the first year at once, then month by month."""
    first = datetime(min(first_year, now.year), 1, 1)  # noqa: DTZ001 - the API's moments have no zone
    yield _BEFORE_ALL, _text(first)
    yield from windows(first, now)


def _files(session: Session, context: Context) -> Walk:
    now = datetime.now(UTC).replace(tzinfo=None)
    newest, _, swept = (context.cursor or "").partition(_SWEPT)
    is_due = not swept or now - datetime.fromisoformat(swept) >= _SWEEP_EVERY
    if is_due:
        asked, cuts = "created", _history(session.first_year, now)
        newest, swept = "", _text(now)
    elif newest:
        # Not cut: everything was read less than a week ago, and there is no more than what was modified since.
        asked, cuts = "modified", iter([(_text(datetime.fromisoformat(newest) - _OVERLAP), None)])
    else:
        asked, cuts = "created", iter([(_BEFORE_ALL, None)])  # There was no file less than a week ago.
    # A file that claims to be modified after today must not hide what is modified until then.
    latest = _text(now + _OVERLAP)
    for since, until in cuts:
        params = {f"{asked}After": since, f"{asked}Before": until, "type": "all"}
        for kind, rows in _answer(session, {name: value for name, value in params.items() if value}).items():
            moments = (_moment(row.get("modifiedOn")) for row in rows)
            newest = max(newest, *(min(moment, latest) for moment in moments if moment), "")
            yield Page(rows, table=_KINDS[kind][0])
    return Done(cursor=f"{newest}{_SWEPT}{swept}", complete=is_due)


def _answer(session: Session, params: Mapping[str, str]) -> dict[str, list[Row]]:
    """The files of one answer by kind, held against its own summary."""
    found: dict[str, list[Row]] = {kind: [] for kind in _KINDS}
    summary: Row = {}
    path, query = _FILES, dict(params)
    while path:
        answer = session.get(path, query)
        for row in session.api.rows(answer, path, "value"):
            kind = str(row.get("objectType")).lower()
            if kind == "summary":
                summary = row
            elif kind in found:
                found[kind].append(row)
            else:
                raise SourceError(f"skyslope: /{_FILES} answered an object that is no sale, listing or summary", 200)
        # Nobody has seen a link to more, but some clients look for one. Its host is not trusted with the session.
        link = urlsplit(str(answer.get("nextLink") or answer.get("@odata.nextLink") or ""))
        path, query = (f"{link.path}?{link.query}" if link.query else link.path), {}
    for kind, rows in found.items():
        told = summary.get(_KINDS[kind][2])
        if told is not None and int(told) != len(rows):
            window = " to ".join(params.get(name, "") for name in params if name != "type")
            raise SourceError(
                f"skyslope: /{_FILES} answered {len(rows)} {kind} files of {window}, and says that it has {told}", 200
            )
    return found


def _users(session: Session, _: Context) -> Walk:
    path = "api/users"
    answer = session.get(path, {"includeDeactivated": "true"})
    yield Page(session.api.rows(answer.get("value") if isinstance(answer, dict) else None, path, "users"))
    return Done(complete=True)


def _file_key(row: Row, _: Mapping[str, Any]) -> str:
    return _guid(row[_KINDS[str(row["objectType"]).lower()][1]])


def _guid(value: Any) -> str:
    """A guid in one spelling: the API now and then ends one in a colon.

    Raises:
        KeyError: it is none.
    """
    guid = str(value or "").strip().rstrip(":").lower()
    if not guid:
        raise KeyError("guid")
    return guid


@dlt.common.configuration.with_config(sections=("sources", "skyslope"))
def configured(
    accounts: list[dict[str, str]] | None = None, client_id: str | None = None, client_secret: str | None = None
) -> list[Account] | None:
    """The accounts that the configuration names, each with `name`, `access_key` and `access_secret`.

    Returns:
        None where it names none but has the partner's id and secret: V2 declares the accounts then. Without those
        two nobody can log in, and there are none.

    Raises:
        HeadwaterError: something of what the named accounts need is not set.
    """
    if not accounts:
        return None if client_id and client_secret else []
    given = {"client_id": client_id, "client_secret": client_secret}
    given |= {f"accounts[{place}].{key}": one.get(key) for place, one in enumerate(accounts) for key in _OF_ACCOUNT}
    if missing := [f"sources.skyslope.{name}" for name, value in given.items() if not value]:
        raise HeadwaterError(
            f"skyslope: set {', '.join(missing)}; connectors/skyslope/README.md says where to get them"
        )
    return [Account(one["name"], {key: one[key] for key in _OF_ACCOUNT[1:]}) for one in accounts]


@dlt.common.configuration.with_config(sections=("sources", "skyslope"))
def connect(
    account: Account,
    warehouse_url: str = "",
    base_url: str = BASE_URL,
    client_id: str = dlt.secrets.value,
    client_secret: str = dlt.secrets.value,
    first_year: int = _FIRST_YEAR,
) -> Session:
    """Log in.

    Args:
        account: with `access_key` and `access_secret`.
        warehouse_url: not used, nothing is kept.
        base_url: of the API.
        client_id: of the integration's partner.
        client_secret: of the partner too.
        first_year: from when on the history is read month by month; what is older comes in one answer.

    Raises:
        SourceError: SkySlope refused.
    """
    del warehouse_url
    return Session(account.secrets, base_url, client_id, client_secret, first_year)


SOURCE = Source(
    name="skyslope",
    schema="skyslope",
    resources=(
        Resource("files", (SALES, LISTINGS), _files, _file_key, lambda row: row.get("modifiedOn")),
        Resource("users", (USERS,), _users, lambda row, _: _guid(row["userGuid"])),
    ),
    configured=configured,
    connect=connect,
    declared=Declared("skyslope_connection", "id", ("access_key", "access_secret")),
)
