"""The customer app's own Postgres, read at one moment: accounts, answers, events, transactions and tokens.

What is fetched: the seven tables of shape A, whichever shape the source is of (`connectors/customer_app/shape.py`
says which and how the others are read as it). `staging_customer.shape` tells what was found.
Paging: one streamed query a table, all at one snapshot, read-only. A row is unique by its `id`, identity by the
user's.
Incremental: few of the app's tables say when a row changed, so Postgres does. A table whose rows and `xmin`s stand as
they stood is not read; of a changed one the rows written since are, and the keys compared to find what is gone. Rows
put together from two tables are read whole. What is not landed is read whoever wrote it.
Deletion: a row that the app erased keeps its key here and nothing else, since it may have named somebody.
Tokens: the app's own mapping wins, then what is landed; users with neither get sha256 of id and salt, told by
`request.made_here`. There is no default salt.

    l0_user_tokenization ──┐
    users ─────────────────┴─> staging_customer.l0_user_tokenization (a row a user)
    every table, xmin ───────> staging_customer.<table>

Alone: `python -m connectors.customer_app` with SOURCES__CUSTOMER_APP__URL, SOURCES__CUSTOMER_APP__TOKENIZATION_SALT
and DATABASE_URL set.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import orjson
import psycopg
from dlt.common.configuration import with_config
from dlt.common.typing import TSecretStrValue

from connectors.customer_app.shape import COLUMNS, MERGED_IDS, Reading, Shape, find
from connectors.landing_live import loses_too_many
from connectors.postgres import exported_snapshot, written_since
from connectors.rest import SourceError
from connectors.sync import Account, Context, Done, Page, Resource, Row, Source, Walk

ACCOUNT = "app"
SHAPE = "shape"
TOKENS = "l0_user_tokenization"
_PAGE = 5_000
_cursors = itertools.count()


@dataclass(frozen=True)
class Fingerprint:
    """What tells a table that changed from one that did not, and the rows written since.

    Attributes:
        rows: the row count.
        writers: sum of hashes of key and `xmin`; any insert, update or delete moves it.
        next_xid: rows of this transaction and later ones may be missing from this load.
        place: the server, the table's file and the way it is read; a copy elsewhere has other transactions.
    """

    rows: int
    writers: str
    next_xid: int
    place: str

    def stands_as(self, other: Fingerprint) -> bool:
        """Tell whether the table is as it was when `other` was taken."""
        return (self.rows, self.writers, self.place) == (other.rows, other.writers, other.place)


class App:
    """The app's database as of one moment."""

    def __init__(self, url: str, salt: str | None) -> None:
        self.salt = salt
        self._open = ExitStack()
        try:
            self._connection, _ = self._open.enter_context(exported_snapshot(url))
            with self._asked("the catalog"):
                self._connection.execute("set local timezone to 'UTC'")
                self.shape: Shape = find(self._connection)
                self._server = _server(self._connection)
        except psycopg.ProgrammingError:
            # Its message quotes the URL, password and all.
            raise SourceError("customer_app: sources.customer_app.url is not of the form postgresql://…") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the transaction and the connection."""
        self._open.close()

    def request(self, reading: Reading | None) -> Row:
        """What rows do not say themselves."""
        return {"table": reading.table if reading else None, "shape": self.shape.letter}

    def fingerprint(self, reading: Reading) -> Fingerprint:
        """Look at a table's row headers."""
        row = self._one(
            reading.table,
            f"select count(*), coalesce(sum(hashtextextended(concat_ws('/', {reading.key_sql}, {reading.writer}), 0)),"
            " 0)::text, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, concat_ws('/', (select oid from"
            " pg_database where datname = current_database()), (select concat_ws('/', oid, relfilenode) from pg_class"
            f" where oid = to_regclass(%s))) from {reading.origin}",
            [f'public."{reading.table}"'],
        )
        rows, writers, next_xid, file = row
        return Fingerprint(rows, writers, next_xid, f"{self._server}/{file}/{reading.edition}")

    def keys(self, reading: Reading) -> set[str]:
        """Return the keys of all rows."""
        with self._asked(reading.table):
            return {key for (key,) in self._connection.execute(f"select {reading.key_sql} from {reading.origin}")}

    def rows(
        self, reading: Reading, where: str = "true", parameters: list[object] | None = None
    ) -> Iterator[list[Row]]:
        """Yield rows in pages."""
        for page in self._pages(reading.table, reading.query(where), parameters):
            yield [orjson.loads(text) for (text,) in page]

    def mapping(self) -> Iterator[list[tuple[str, Row | None]]]:
        """Yield pages of every user's id and, where the app has a token for it, the row that says so."""
        users, tokens = self.shape.readings["users"], self.shape.readings[TOKENS]
        if users is None:
            return
        listed = f"select {users.key_sql} as id, null::text from {users.origin}"
        if tokens:
            listed = (
                f"select coalesce(u.id, m.told::jsonb ->> 'internal_user_id'), m.told from ({listed}) u"
                f" full join ({tokens.query()}) m(told) on m.told::jsonb ->> 'internal_user_id' = u.id"
            )
        for page in self._pages(TOKENS, listed, None):
            yield [(key, orjson.loads(told) if told else None) for key, told in page]

    def _pages(self, table: str, query: str, parameters: list[object] | None) -> Iterator[list[tuple[str, ...]]]:
        with self._asked(table), self._connection.cursor(f"headwater_{next(_cursors)}") as cursor:
            cursor.execute(query, parameters)
            while page := cursor.fetchmany(_PAGE):
                yield page

    def _one(self, table: str, query: str, parameters: list[object]) -> tuple[int, str, int, str]:
        with self._asked(table):
            found = self._connection.execute(query, parameters).fetchone()
        assert found is not None  # noqa: S101 - an aggregate always answers
        rows, writers, next_xid, file = found
        return rows, writers, next_xid, file

    @contextmanager
    def _asked(self, table: str) -> Iterator[None]:
        """Ask about a table: one that cannot be read ends no other's reading. Messages could quote rows."""
        try:
            with self._connection.transaction():
                yield
        except psycopg.OperationalError as error:
            raise SourceError(f"customer_app: {table}: the database broke off ({type(error).__name__})") from None
        except psycopg.Error as error:
            raise SourceError(
                f"customer_app: {table} cannot be read ({type(error).__name__}): may the user select from it?", 403
            ) from None


def _server(connection: psycopg.Connection[Any]) -> str:
    """What tells the server from another one that holds a copy: its own number, else since when it has been up."""
    asked = connection.execute("select has_function_privilege('pg_control_system()', 'execute')").fetchone()
    told = "extract(epoch from pg_postmaster_start_time())"
    if asked == (True,):
        told = "system_identifier from pg_control_system()"
    return "".join(str(value) for value in connection.execute(f"select {told}").fetchone() or ())


def _shape(app: App, context: Context) -> Walk:
    """One row, whenever it says something new."""
    told = app.shape.told()
    cursor = sha256(orjson.dumps(told)).hexdigest()
    if context.cursor != cursor or not context.keys(SHAPE):
        yield Page([told])
    return Done(cursor=cursor)


def _table(entity: str) -> Callable[[App, Context], Walk]:
    def walk(app: App, context: Context) -> Walk:
        known, reading = context.keys(entity), app.shape.readings[entity]
        if reading is None:
            if app.shape.letter != "C" or entity != "transactions":  # which that shape has dropped by intent
                _believed(entity, known, known)
            yield from _erased(entity, known)
            return Done(gone=sorted(known))
        new = app.fingerprint(reading)
        old = Fingerprint(**orjson.loads(context.cursor)) if context.cursor else None
        if old and new.stands_as(old) and len(known) == new.rows:
            return Done(cursor=context.cursor)
        keys = app.keys(reading)
        gone = known - keys
        _believed(entity, known, gone)
        is_told = old and reading.is_plain and old.place == new.place and old.next_xid <= new.next_xid
        pages = app.rows(reading, written_since(old.next_xid) if old and is_told else "true")
        missing = keys - known
        for page in pages:
            yield Page(page, app.request(reading))
            missing.difference_update(str(row[reading.key]) for row in page)
        if missing:
            for page in app.rows(reading, f"{reading.key_sql} = any(%s)", [sorted(missing)]):
                yield Page(page, app.request(reading))
        yield from _erased(entity, gone)
        return Done(cursor=orjson.dumps(asdict(new)).decode(), gone=sorted(gone))

    return walk


def _tokens(app: App, context: Context) -> Walk:
    """A token for every user; only what is new or another one is written."""
    known = dict(context.landed(TOKENS))
    reading = app.shape.readings[TOKENS]
    request, made_here = app.request(reading), {"made_here": True, "shape": app.shape.letter}
    seen: set[str] = set()
    without = 0
    for page in app.mapping():
        told = [row for key, row in page if row and row != known.get(key)]
        new = [key for key, row in page if not row and key not in known]
        seen.update(key for key, _ in page)
        yield Page(told, request)
        if app.salt:
            yield Page([_made(key, app.salt) for key in new], made_here)
        else:
            without += len(new)
    gone = known.keys() - seen
    _believed(TOKENS, known.keys(), gone)
    if without:
        raise SourceError(
            f"customer_app: {without} users have no token, and none can be made without a salt: set"
            " sources.customer_app.tokenization_salt to the app's own TOKENIZATION_SALT",
            400,
        )
    yield from _erased(TOKENS, gone)
    return Done(gone=sorted(gone))


def _made(key: str, salt: str) -> Row:
    token = sha256(f"{key}{salt}".encode()).hexdigest()
    return {"internal_user_id": int(key), "tokenized_user_id": token, "created_at": None}


def _believed(entity: str, known: Collection[str], gone: Collection[str]) -> None:
    """Refuse to erase what nobody deletes between two runs. Answers put together for shape B go with that shape.

    Raises:
        SourceError: more than a fifth of the rows are gone.
    """
    had, lost = (
        [key for key in keys if entity != "onboarding_responses" or int(key) < MERGED_IDS] for keys in (known, gone)
    )
    if loses_too_many(len(had), len(lost)):
        raise SourceError(
            f"customer_app: {len(lost)} of {len(had)} rows of {entity} are gone, which nobody believes: they are"
            f" kept as they are; if it is so, delete the rows of staging_customer.{entity} and run again",
            409,
        )


def _erased(entity: str, gone: Collection[str]) -> Iterator[Page]:
    """What is left of rows that the app has deleted: their key."""
    yield Page([{COLUMNS[entity][0]: int(key)} for key in gone])


def _resource(entity: str) -> Resource:
    key = COLUMNS[entity][0]
    fetch = _tokens if entity == TOKENS else _table(entity)
    return Resource(entity, (entity,), fetch, lambda row, _: str(row[key]))


@with_config(sections=("sources", "customer_app"))
def _settings(
    url: TSecretStrValue | None = None, tokenization_salt: TSecretStrValue | None = None
) -> tuple[str | None, str | None]:
    return url, tokenization_salt


def configured() -> list[Account] | None:
    """The one app, by `sources.customer_app.url`."""
    url, salt = _settings()
    return [Account(ACCOUNT, {"url": url, "salt": salt or ""})] if url else None


def connect(account: Account, _: str) -> App:
    """Open the app's database at this moment.

    Raises:
        SourceError: it is no database of the app.
        SourceUnreachableError: it does not answer or refuses the user.
    """
    return App(account.secrets["url"], account.secrets["salt"] or None)


SOURCE = Source(
    name="customer_app",
    schema="customer",
    resources=(
        Resource(SHAPE, (SHAPE,), _shape, lambda _row, _request: ACCOUNT),
        *(_resource(entity) for entity in COLUMNS),
    ),
    configured=configured,
    connect=connect,
)
