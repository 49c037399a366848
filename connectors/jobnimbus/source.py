"""JobNimbus: users, settings, contacts, jobs, payments, activities, budgets, orders, estimates and invoices.

Everything lands as events in one table: every payload that was ever seen, and that an object is gone
(`connectors/jobnimbus/events.py`). A row is unique by object, id and content.
Paging: `from` and `size`, but what is sorted by a moment goes on from the last row's moment instead: rows that change
meanwhile move to the end and push others back, and offsets beyond 10,000 are refused. Within one second, and in lists
that cannot be sorted, pages overlap by one row; where that is not the same one, rows have moved and the walk begins
again.
Incremental: contacts, jobs, payments and activities by `date_updated`, 300 seconds overlapping. The other lists know
no filter and are read whole; only news lands. Lists drop what is deleted, so a sweep over ids alone finds it, daily
(activities: weekly); what it misses is read by id, which tells `is_active: false`, or is gone.
Days are counted by the API's own `Date`.

    /contacts ?filter=date_updated ──news──┐
    /contacts ?fields=jnid ──missing──> /contacts/{jnid} or gone ──┴─> staging_jobnimbus.jobnimbus_raw_events

Alone: `python -m connectors.jobnimbus`. Does not belong here: what a field means.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import orjson
from dlt.common.configuration import with_config
from dlt.common.typing import TSecretStrValue

from connectors.jobnimbus.events import EVENTS, Known, cursor_of, key_of
from connectors.rest import Api, SourceError
from connectors.sync import Account, Context, Done, Mark, Page, Resource, Row, Source, Walk

PAGE = 1_000
DEEPEST = 10_000
OVERLAP = 300
_DAY = 86_400
_A_DAY = _DAY - 4 * 3_600
"""A daily run comes a little earlier on some days."""

_BEGIN_AGAIN = 10
_WAIT = 20.0
"""Seconds after a 429, which does not say how long: five times that is longer than any limit by the minute."""


@dataclass(frozen=True)
class Kind:
    """A kind of object.

    Attributes:
        name: as `type` in its payloads.
        path: its list.
        rows: under which key the list has its rows.
        has_one: whether an object can be read by its id.
        sweep_every: seconds from one sweep to the next.
    """

    name: str
    path: str
    rows: str = "results"
    has_one: bool = False
    sweep_every: int = _A_DAY


CHANGING = (
    Kind("contact", "/contacts", has_one=True),
    Kind("job", "/jobs", has_one=True),
    Kind("payment", "/payments"),
    Kind("activity", "/activities", "activity", has_one=True, sweep_every=7 * _DAY - 4 * 3_600),
)
WHOLE = (
    Kind("budget", "/budgets"),
    Kind("workorder", "/v2/workorders", has_one=True),
    Kind("materialorder", "/v2/materialorders"),
    Kind("estimate", "/v2/estimates"),
    Kind("invoice", "/v2/invoices"),
)


class JobNimbus:
    """An account. `now` is what time it was there at the last answer, in epoch seconds."""

    def __init__(self, base_url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.api = Api("jobnimbus", base_url, headers=headers, secrets=(token,), wait=lambda _: _WAIT)
        self.now = 0
        self._known: Known | None = None

    def known(self, context: Context) -> Known:
        """What is landed: asked once for all resources."""
        self._known = self._known or Known.of(context)
        return self._known

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON of a GET."""
        response = self.api.send("GET", path, params=params)
        told = response.headers.get("Date")
        self.now = int(parsedate_to_datetime(told).timestamp() if told else time.time())
        return self.api.json(response, path)

    def page(self, kind: Kind, params: Mapping[str, Any]) -> tuple[list[Row], int | None]:
        """Return rows of a list, and how many it says there are; budgets may be a bare list, which says nothing."""
        answer = self.get(kind.path, {**params, "size": PAGE})
        if isinstance(answer, list) and kind.name == "budget":
            return answer, None
        rows = self.api.rows(answer, kind.path, kind.rows)
        count = answer.get("count")
        return rows, count if isinstance(count, int) else None

    def one(self, kind: Kind, jnid: str) -> Row | None:
        """Return an object by its id; None when there is none, or no way to ask."""
        if not kind.has_one:
            return None
        path = f"{kind.path}/{quote(jnid, safe='')}"
        try:
            row = self.get(path)
        except SourceError as error:
            if error.status == 404:
                return None
            raise
        if not isinstance(row, dict) or not row.get("jnid"):
            raise SourceError(f"jobnimbus: {kind.path}/… answered no object", 200)
        return row


def by_moment(
    client: JobNimbus, kind: Kind, moment: str, since: int, until: int | None = None, fields: str = ""
) -> Iterator[list[Row]]:
    """Yield the rows with a moment in that time, oldest first; some of them twice.

    Args:
        client: of the account.
        kind: whose list.
        moment: the field.
        since: epoch seconds; without `until` up to what comes during the walk.
        until: epoch seconds.
        fields: the columns to answer, all without.

    Raises:
        SourceError: the list is not filtered or sorted as asked, or changes too quickly.
    """
    start, last, left = 0, None, _BEGIN_AGAIN
    while True:
        window = {"gte": since} if until is None else {"gte": since, "lte": until}
        params = {
            "from": start,
            "sort_field": moment,
            "sort_direction": "asc",
            "filter": orjson.dumps({"must": [{"range": {moment: window}}]}).decode(),
            **({"fields": fields} if fields else {}),
        }
        if start + PAGE > DEEPEST:
            raise SourceError(f"jobnimbus: {kind.path} has more than {DEEPEST:,} rows of the same {moment}", 200)
        rows, count = client.page(kind, params)
        if start and (not rows or _id(rows[0]) != last):
            left -= 1
            if not left:
                raise SourceError(f"jobnimbus: {kind.path} changed during every walk; the next run reads it again", 200)
            start = 0
            continue
        moments = [since, *(_moment(kind, row, moment) for row in rows)]
        if any(earlier > later for earlier, later in pairwise(moments)):
            raise SourceError(f"jobnimbus: {kind.path} answered rows other than by {moment} from {since} on", 200)
        yield rows
        if _is_last(rows, start, count):
            return
        if moments[-1] > since:
            since, start, last = moments[-1], 0, None
        elif len(rows) > 1:
            start, last = start + len(rows) - 1, _id(rows[-1])
        else:
            return  # the count promised more than there is


def whole(client: JobNimbus, kind: Kind) -> Iterator[list[Row]]:
    """Yield all rows of a list that can neither be filtered nor sorted; some of them twice.

    Raises:
        SourceError: it changes too quickly.
    """
    for _attempt in range(_BEGIN_AGAIN):
        start, last = 0, None
        while True:
            rows, count = client.page(kind, {"from": start})
            if start and (not rows or _id(rows[0]) != last):
                break
            yield rows
            if _is_last(rows, start, count) or (start and len(rows) < 2):
                return
            start, last = start + len(rows) - 1, _id(rows[-1])
    raise SourceError(f"jobnimbus: {kind.path} changed during every walk; the next run reads it again", 200)


def _is_last(rows: list[Row], start: int, count: int | None) -> bool:
    """Does a list end with this page? A short one is believed only if the count does not say otherwise."""
    return not rows or (len(rows) != PAGE and (count is None or start + len(rows) >= count))


def _id(row: Row) -> str:
    try:
        return str(row["jnid"])
    except (KeyError, TypeError):
        raise SourceError("jobnimbus: a list answered a row without jnid", 200) from None


def _named(rows: list[Row]) -> Iterator[tuple[str, Row]]:
    return ((_id(row), row) for row in rows)


def _moment(kind: Kind, row: Row, field: str) -> int:
    found = row.get(field)
    if not isinstance(found, int):
        raise SourceError(f"jobnimbus: {kind.path} answered a row whose {field} is no moment", 200)
    return found


def _changing(kind: Kind) -> Callable[[JobNimbus, Context], Walk]:
    def fetch(client: JobNimbus, context: Context) -> Walk:
        known, mark = client.known(context), Mark.of(context.cursor)
        newest, began = mark.changes if mark else 0, 0
        seen: set[str] = set()
        for rows in by_moment(client, kind, "date_updated", max(newest - OVERLAP, 0)):
            began = began or client.now
            yield from known.news(kind.name, _named(rows))
            seen |= {_id(row) for row in rows}
            newest = max([newest, *(row["date_updated"] for row in rows)])
        # A moment to come would hide what is updated until then.
        newest = min(newest, client.now)
        if mark is None:
            yield from _look_for(client, kind, known, known.missing(kind.name, seen))
        elif began - mark.whole >= kind.sweep_every:
            yield from _sweep(client, kind, known)
        else:
            began = mark.whole
        return Done(str(Mark(newest, began)))

    return fetch


def _sweep(client: JobNimbus, kind: Kind, known: Known) -> Iterator[Page]:
    """Compare the ids that are listed with those that are known. They go by creation, which no change moves."""
    seen: dict[str, int] = {}
    for rows in by_moment(client, kind, "date_created", 0, fields="jnid,date_created,date_updated"):
        seen |= {_id(row): _moment(kind, row, "date_updated") for row in rows}
    there = known.there(kind.name)
    # Listed as changed, and yet not read: it came to the index later than the overlap is long, or is back.
    unread = sorted({moment for jnid, moment in seen.items() if there.get(jnid) != str(moment)})
    windows: list[tuple[int, int | None]] = [(moment, moment) for moment in unread]
    if len(unread) > len(seen) // PAGE + 1:
        # So many, as when the profile shows more than before, that it takes fewer requests to read on from the first.
        windows = [(unread[0], None)]
    for since, until in windows:
        for rows in by_moment(client, kind, "date_updated", since, until):
            yield from known.news(kind.name, _named(rows))
    yield from _look_for(client, kind, known, known.missing(kind.name, seen))


def _look_for(client: JobNimbus, kind: Kind, known: Known, missing: list[str]) -> Iterator[Page]:
    """Read by id what lists no longer show: it is inactive now, or gone."""
    found = {jnid: client.one(kind, jnid) for jnid in missing}
    yield from known.news(kind.name, ((jnid, row) for jnid, row in found.items() if row))
    yield from known.gone(kind.name, [jnid for jnid, row in found.items() if not row])


def _whole(kind: Kind) -> Callable[[JobNimbus, Context], Walk]:
    def fetch(client: JobNimbus, context: Context) -> Walk:
        known = client.known(context)
        seen: set[str] = set()
        for rows in whole(client, kind):
            yield from known.news(kind.name, _named(rows))
            seen |= {_id(row) for row in rows}
        yield from _look_for(client, kind, known, known.missing(kind.name, seen))
        return Done()

    return fetch


def _users(client: JobNimbus, context: Context) -> Walk:
    users = client.api.rows(client.get("/account/users"), "/account/users", "users")
    yield from _all_of(client.known(context), "user", {str(row["id"]): row for row in users})
    return Done()


def _settings(client: JobNimbus, context: Context) -> Walk:
    """Workflows, which alone tell what a status id means, and lead sources."""
    path = "/account/settings"
    answer = client.get(path)
    workflows = client.api.rows(answer, path, "workflows")
    sources = client.api.rows(answer, path, "sources")
    known = client.known(context)
    try:
        # A contact's and a job's record types are numbered apart.
        named = {f"{row['object_type']}-{row['id']}": row for row in workflows}
        yield from _all_of(known, "workflow", named)
        yield from _all_of(known, "source", {str(row["JobSourceId"]): row for row in sources})
    except KeyError as error:
        raise SourceError(f"jobnimbus: {path} answered a row without {error}", 200) from None
    return Done()


def _all_of(known: Known, kind: str, rows: Mapping[str, Row]) -> Iterator[Page]:
    """What is listed whole in one answer: news of it, and what is no longer in it."""
    yield from known.news(kind, rows.items())
    yield from known.gone(kind, known.missing(kind, set(rows)))


@with_config(sections=("sources", "jobnimbus"))
def _configuration(
    base_url: str = "https://app.jobnimbus.com/api1",
    token: TSecretStrValue | None = None,
    accounts: list[dict[str, str]] | None = None,
) -> tuple[str, str | None, list[dict[str, str]] | None]:
    return base_url, token, accounts


def configured() -> list[Account] | None:
    """The account `main` by `sources.jobnimbus.token`, or those of `sources.jobnimbus.accounts`: name and token.

    Raises:
        SourceError: one has no token, no name, or the name of another.
    """
    _, token, accounts = _configuration()
    if not accounts:
        return [Account("main", {"token": token})] if token else None
    names = [one.get("name") for one in accounts]
    if not all(names) or len(set(names)) < len(names) or not all(one.get("token") for one in accounts):
        raise SourceError("jobnimbus: every account of sources.jobnimbus.accounts needs a token and a name of its own")
    return [Account(one["name"], {"token": one["token"]}) for one in accounts]


def connect(account: Account, _: str) -> JobNimbus:
    """Return the account's client."""
    base_url, _token, _accounts = _configuration()
    return JobNimbus(base_url, account.secrets["token"])


def _resource(name: str, fetch: Callable[[JobNimbus, Context], Walk]) -> Resource:
    return Resource(name, (EVENTS,), fetch, key_of, cursor_of)


SOURCE = Source(
    name="jobnimbus",
    schema="jobnimbus",
    resources=(
        _resource("users", _users),
        _resource("settings", _settings),
        *(_resource(kind.path.strip("/"), _changing(kind)) for kind in CHANGING),
        *(_resource(kind.path.rpartition("/")[2], _whole(kind)) for kind in WHOLE),
    ),
    configured=configured,
    connect=connect,
)
