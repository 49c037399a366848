"""A second opinion on V2: every cell of a table recomputed in plain Python from the V1 documents as landed.

Belongs here: the landed documents and what is looked up in them; the conversions (`values.py`); one module
a domain with the rules of its tables, each a function in its `TABLES`; the marts (`marts.py`, `fub_activity.py`);
how two tables are held against each other (`comparison.py`). Does not belong here: which tables are compared when
(`tests/models/test_oracle*.py`). Nothing here may be taken from the models, or both would be wrong together.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

from oracle import values


@dataclass(frozen=True, slots=True)
class Document:
    """One landed V1 document."""

    key: str
    payload: dict[str, Any]

    @property
    def id(self) -> int:
        """The document's id, which V1 keeps outside the payload."""
        return int(self.key)

    def get(self, path: str) -> Any:
        """Return the raw value of a key, or of `outer.inner`; None if the document lacks it."""
        value: Any = self.payload
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value


class Landed:
    """All landed V1 tables, deleted rows too, as V2 keeps those.

    Args:
        read: gives the documents of a table; asked once a table, and only for tables that are needed.
        as_of: the day V2 was computed for.
    """

    def __init__(self, read: Callable[[str], list[Document]], as_of: date) -> None:
        self.as_of = as_of
        self.documents = cache(read)
        self._ids = cache(lambda table: {document.id for document in self.documents(table)})

    def known(self, table: str, number: int | None) -> int | None:
        """Return the reference if the table has that row, else None."""
        return number if number in self._ids(table) else None

    @cached_property
    def agents(self) -> dict[int, Document]:
        """The agent documents by id."""
        return {document.id: document for document in self.documents("agent")}

    @cached_property
    def _agents_of_uuid(self) -> dict[str, int]:
        return self._lowest_of_uuid("agent", "agent_id_raw")

    @cached_property
    def _deals_of_uuid(self) -> dict[str, int]:
        return self._lowest_of_uuid("transaction", "transaction_id_raw", "transaction_id")

    def _lowest_of_uuid(self, table: str, *paths: str) -> dict[str, int]:
        """Ids of a table's documents by UUID, which the first of the keys with a value holds."""
        found: dict[str, int] = {}
        for document in sorted(self.documents(table), key=lambda one: one.id):
            if uuid := values.first(values.text(document.get(path)) for path in paths):
                found.setdefault(uuid, document.id)
        return found

    def agent_named(self, number: Any, uuid: Any) -> int | None:
        """Return the agent two raw values name: the id if there is one, even of nobody, else the uuid's."""
        return values.first((values.nonzero(number), self._agents_of_uuid.get(values.text(uuid) or "")))

    def known_agent(self, number: Any, uuid: Any) -> int | None:
        """Return the landed agent two raw values name: by the id, else by the uuid."""
        by_id = self.known("agent", values.nonzero(number))
        return values.first((by_id, self._agents_of_uuid.get(values.text(uuid) or "")))

    def known_deal(self, number: Any, uuid: Any) -> int | None:
        """Return the landed deal two raw values name: by the id, else by the uuid."""
        by_id = self.known("transaction", values.nonzero(number))
        return values.first((by_id, self._deals_of_uuid.get(values.text(uuid) or "")))


def newest_first(documents: Iterable[Document], path: str, by_text: bool = False) -> list[Document]:
    """Order documents by a moment, the ones without it last, then by key, highest first."""

    def rank(document: Document) -> tuple[bool, Any, Any]:
        moment = values.moment(document.get(path))
        return moment is not None, moment and moment.timestamp(), document.key if by_text else document.id

    return sorted(documents, key=rank, reverse=True)


def climb(start: int, sponsor_of: dict[int, int]) -> tuple[list[int], bool]:
    """Return everybody above `start`, the nearest first, and whether the chain runs into a circle."""
    above: list[int] = []
    seen = {start}
    sponsor = sponsor_of.get(start)
    while sponsor is not None and sponsor not in seen:
        above.append(sponsor)
        seen.add(sponsor)
        sponsor = sponsor_of.get(sponsor)
    return above, sponsor is not None
