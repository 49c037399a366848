"""dotloop: a user's account, profiles, loops with their details and participants, contacts.

Paging: batches by number and size, read as overlapping windows (`connectors/dotloop/batches.py`). A row is unique by
its `id`. Profiles, participants of a loop and contacts cannot be asked what changed; loops can.
Incremental: per profile the loops updated since the newest one seen, less ten minutes; of a loop that is new or
changed its participants are read anew (they change its `updated`). Nothing tells of lost loops, so each profile is
asked how many loops it has: where that is not what was to be expected, all of it is listed. Wherever all was listed,
each landed loop that is missing is asked for: 404 says it is gone, 301 that another one has taken it in.
A profile that answers 403 is not the user's to read and has no loops.

    /profile ──> /profile/{id}/loop ──changed──> …/loop/{id}/participant
                        └─> staging_dotloop.dotloop_staging     └─> staging_dotloop.participants
    /account, /profile, /contact ──> staging_dotloop.accounts, profiles, contacts

Alone: `python -m connectors.dotloop`. Does not belong here: tokens (`connectors/dotloop/login.py`) and what a field
means.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from dlt.common.configuration import with_config
from dlt.common.typing import TSecretStrValue

from connectors.dotloop.batches import batches
from connectors.dotloop.login import Client, Login, prepare
from connectors.errors import HeadwaterError
from connectors.rest import SourceError
from connectors.sync import Account, Context, Done, Page, Resource, Row, Source, Walk

LOOPS, PARTICIPANTS = "dotloop_staging", "participants"

_OVERLAP = timedelta(minutes=10)


@dataclass(frozen=True)
class _Settings:
    base_url: str
    client: Client
    accounts: list[dict[str, str]]


@with_config(sections=("sources", "dotloop"))
def _settings(
    base_url: str = "https://api-gateway.dotloop.com/public/v2",
    auth_url: str = "https://auth.dotloop.com",
    client_id: str | None = None,
    client_secret: TSecretStrValue | None = None,
    accounts: list[Any] | None = None,
) -> _Settings:
    return _Settings(base_url, Client(auth_url, client_id or "", client_secret or ""), accounts or [])


def configured() -> list[Account] | None:
    """The accounts of `sources.dotloop.accounts`, each a name and a refresh token.

    Raises:
        HeadwaterError: something of what they need is not set.
    """
    settings = _settings()
    given = {"client_id": settings.client.id, "client_secret": settings.client.secret, "accounts": settings.accounts}
    missing = [f"sources.dotloop.{name}" for name, value in given.items() if not value]
    if len(missing) == len(given):
        return None
    for number, account in enumerate(settings.accounts):
        missing += [
            f"sources.dotloop.accounts[{number}].{key}" for key in ("name", "refresh_token") if key not in account
        ]
    if missing:
        raise HeadwaterError(f"dotloop: set {', '.join(missing)}, or nothing of sources.dotloop")
    return [Account(str(one["name"]), {"refresh_token": str(one["refresh_token"])}) for one in settings.accounts]


class _Merged(Exception):  # noqa: N818 - it is an answer, not a failure
    """Where a loop that was asked for is to be found since it was merged: profile and loop."""

    def __init__(self, profile: int, loop: int) -> None:
        super().__init__(profile, loop)
        self.profile, self.loop = profile, loop


class Dotloop:
    """An account, logged in."""

    def __init__(self, login: Login) -> None:
        self.login, self.api = login, login.api
        self._profiles: list[Row] | None = None

    def profiles(self) -> list[Row]:
        """Every profile of the user."""
        if self._profiles is None:
            self._profiles = self.api.rows(self.api.get("profile"), "profile", "data")
        return self._profiles

    def batch(self, path: str, number: int, size: int, **params: Any) -> tuple[list[Row], int]:
        """Return a batch of a list, and how long the API says the list is; 0 where it does not."""
        answer = self.api.get(path, {"batch_number": number, "batch_size": size, **params})
        rows = self.api.rows(answer, path, "data")
        total = (answer.get("meta") or {}).get("total")
        return rows, total if isinstance(total, int) else 0

    def total(self, path: str) -> int | None:
        """Return how long the API says a list is; None where it says what cannot be."""
        rows, total = self.batch(path, 1, 1)
        return total if total >= len(rows) else None

    def of_loop(self, path: str) -> Any:
        """Return the answer to a GET of a loop or of what hangs on it.

        Raises:
            _Merged: another loop has taken it in.
            SourceError: the API refused.
        """
        response = self.api.send("GET", path, allow_redirects=False)
        if 300 <= response.status_code < 400:
            survivor = re.search(r"/profile/(\d+)/loop/(\d+)", response.headers.get("Location", ""))
            if not survivor:
                raise SourceError("dotloop: a merged loop does not say where it went", response.status_code)
            raise _Merged(int(survivor[1]), int(survivor[2]))
        return self.api.json(response, path)


def connect(account: Account, warehouse_url: str) -> Dotloop:
    """Log an account in.

    Raises:
        SourceError: dotloop refused.
    """
    settings = _settings()
    refresh_token = account.secrets["refresh_token"]
    return Dotloop(Login(account.name, settings.base_url, settings.client, refresh_token, warehouse_url))


def _accounts(client: Dotloop, _: Context) -> Walk:
    answer = client.api.get("account")
    row = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(row, dict) or not isinstance(row.get("id"), int):
        raise SourceError("dotloop: /account answered no account", 200)
    client.login.belongs_to(row["id"])
    yield Page([row])
    return Done(complete=True)


def _profiles(client: Dotloop, _: Context) -> Walk:
    yield Page(client.profiles())
    return Done(complete=True)


def _contacts(client: Dotloop, _: Context) -> Walk:
    for rows in batches(lambda number, size: client.batch("contact", number, size)):
        yield Page(rows)
    return Done(complete=True)


@dataclass
class _Read:
    """What one walk knows of an account's loops: as they were landed, and as it has read them."""

    client: Dotloop
    context: Context
    landed: frozenset[str] = frozenset()
    _digests: dict[str, int] = field(default_factory=dict)
    _participants: dict[str, set[str]] = field(default_factory=dict)
    _earlier: set[str] = field(default_factory=set)
    _gone: set[str] = field(default_factory=set)
    _held_back: list[Page] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.context.cursor:
            self._digests = {key: _digest(row) for key, row in self.context.landed(LOOPS)}
            self.landed = frozenset(self._digests)

    def loops(self, rows: list[Row], profile: int) -> Iterator[Page]:
        """Yield the participants of those loops that are new or changed, and the loops themselves, if not held back."""
        changed = [row for row in rows if self._digests.get(_id(row)) != _digest(row)]
        page = Page(changed, {"profile_id": profile})
        if self.context.cursor:
            self._held_back.append(page)
        else:
            yield page
        for row in changed:
            self._digests[_id(row)] = _digest(row)
            self._gone.discard(_id(row))
            yield from self._participants_of(profile, row["id"])

    def held_back(self) -> Iterator[Page]:
        """Yield the loops that were held back.

        A walk that fails lands what it has yielded; a loop that is landed as it is now counts as read, with its
        participants. So the loops come last, but for a first walk: until that succeeds nothing counts as read.
        """
        yield from self._held_back

    def lost(self, profile: int, seen: set[str]) -> Iterator[Page]:
        """Ask for each landed loop of a profile that its list shows no more."""
        for key, request in self.context.requests(LOOPS):
            if key not in seen and (request or {}).get("profile_id") == profile:
                with self._unless_gone(key) as moved:
                    self.client.of_loop(f"profile/{profile}/loop/{key}")
                for survivor in moved:
                    yield from self._participants_of(survivor.profile, survivor.loop)

    def gone(self) -> dict[str, set[str]]:
        """Return the keys of loops that are gone, and of participants that are no longer on theirs."""
        had = self._earlier
        if self._gone or self._participants:
            read = self._gone | self._participants.keys()
            requests = self.context.requests(PARTICIPANTS)
            had = had | {key for key, request in requests if str((request or {}).get("loop_id")) in read}
        now = [keys for loop, keys in self._participants.items() if loop not in self._gone]
        return {LOOPS: self._gone, PARTICIPANTS: had.difference(*now)}

    def _participants_of(self, profile: int, loop: int) -> Iterator[Page]:
        path = f"profile/{profile}/loop/{loop}/participant"
        rows: list[Row] = []
        with self._unless_gone(str(loop)) as moved:
            rows = self.client.api.rows(self.client.of_loop(path), path, "data")
        self._earlier |= self._participants.get(str(loop), set())
        self._participants[str(loop)] = {_id(row) for row in rows}
        yield Page(rows, {"loop_id": loop, "profile_id": profile}, PARTICIPANTS)
        for survivor in moved:
            yield from self._participants_of(survivor.profile, survivor.loop)

    @contextmanager
    def _unless_gone(self, loop: str) -> Iterator[list[_Merged]]:
        """Note a loop that is answered to be gone; what took it in, unless that is gone too, is told afterwards."""
        moved: list[_Merged] = []
        try:
            yield moved
        except _Merged as to:
            self._gone.add(loop)
            if str(to.loop) not in self._gone:
                moved.append(to)
        except SourceError as error:
            if error.status != 404:
                raise
            self._gone.add(loop)


def _loops(client: Dotloop, context: Context) -> Walk:
    read = _Read(client, context)
    # Per profile: up to when it was read, and how many loops it then had.
    known: dict[str, dict[str, Any]] = orjson.loads(context.cursor) if context.cursor else {}
    told: dict[str, dict[str, Any]] = {}
    for profile in client.profiles():
        number = profile["id"]
        try:
            total = client.total(f"profile/{number}/loop")
        except SourceError as error:
            if error.status != 403:
                raise
            continue
        told[str(number)] = yield from _of_profile(read, number, known.get(str(number)), total)
    gone = read.gone()
    yield from read.held_back()
    return Done(orjson.dumps(told).decode(), gone=gone)


def _of_profile(
    read: _Read, profile: int, known: Mapping[str, Any] | None, total: int | None
) -> Generator[Page, None, dict[str, Any]]:
    """Read a profile's loops that are new or changed; all of them where nothing is known of it yet."""
    newest: str | None = known["updated"] if known else None
    seen: set[str] = set()
    for rows in _listed(read.client, profile, newest):
        seen |= {_id(row) for row in rows}
        newest = max(filter(None, [newest, *(row.get("updated") for row in rows)]), default=None)
        yield from read.loops(rows, profile)
    if known and None not in (total, known["total"]) and total != known["total"] + len(seen - read.landed):
        known = None
        for rows in _listed(read.client, profile):
            seen |= {_id(row) for row in rows}
            yield from read.loops(rows, profile)
    if not known:
        yield from read.lost(profile, seen)
    return {"updated": newest, "total": total}


def _listed(client: Dotloop, profile: int, newest: str | None = None) -> Iterator[list[Row]]:
    """Yield a profile's loops with their details, the one updated last at the end."""
    params = {"include_details": "true", "sort": "updated:asc"}
    if newest:
        since = datetime.fromisoformat(newest) - _OVERLAP
        params["filter"] = f"updated_min={since:%Y-%m-%dT%H:%M:%SZ}"
    return batches(lambda number, size: client.batch(f"profile/{profile}/loop", number, size, **params))


def _digest(row: Row) -> int:
    return hash(orjson.dumps(row, option=orjson.OPT_SORT_KEYS))


def _id(row: Row) -> str:
    return str(row["id"])


SOURCE = Source(
    name="dotloop",
    schema="dotloop",
    resources=(
        Resource("accounts", ("accounts",), _accounts, lambda row, _: _id(row)),
        Resource("profiles", ("profiles",), _profiles, lambda row, _: _id(row)),
        Resource("loops", (LOOPS, PARTICIPANTS), _loops, lambda row, _: _id(row), lambda row: row.get("updated")),
        Resource("contacts", ("contacts",), _contacts, lambda row, _: _id(row), lambda row: row.get("updated")),
    ),
    configured=configured,
    connect=connect,
    prepare=prepare,
)
