"""Finding a table's labels in a report, and which cell of a row belongs to which of them.

Labels stand on up to four rows, with line breaks in them, and the value of a label stands up to six columns beside
it: RealPage merges label cells and value cells over different ranges, and differently on each kind of row. So labels
are found by what they say, and the cells of a row are matched to them in order, to the nearest ones: to where the
layout is known to put them (hints, relative to the label, so that moved columns move them along) or right below. A
match that is not the only best one is an error. The reports prove the rest by their own totals.

Belongs here: labels and columns. Does not belong here: which labels a report has (the module of each).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.realpage_reports.printed import MARKS, ReportError, day, days, normal, number, pair, person_key, text
from connectors.workbook import Cell, Cells, Line

TEXT, NUMBER, PAIR, DATE, DATES = "text", "number", "pair", "date", "dates"
NAME, RAW, PRIVATE = "name", "raw", "private"
"""What a column holds. A name lands as a salted hash, private text not at all; raw is for the report's own module."""

_LABEL_ROWS, _LABEL_HEIGHT, _REACH = 4, 7, 6
_PRIVATE = re.compile(r"phone|e-?mail|address|notes?\b|comment|birth|ssn|contact", re.I)
_NAME = re.compile(r"\b(name|recipient|consultant|agent|created by|resident)\b", re.I)

_Shape = tuple[list[str], list[str], list[tuple[str, Callable[..., Any]]]]
Hint = Mapping[str, int]
"""Per label, how many columns right of it a kind of row has its value."""


@dataclass(frozen=True)
class Column:
    """A column that a report is known to have.

    Attributes:
        name: its label, as the contract spells it; the key of what lands.
        holds: what is in it.
        also: other spellings of its label.
        required: is a report without it an error?
    """

    name: str
    holds: str = TEXT
    also: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Reading:
    """A sheet that is being read: what errors name, and what stands in for people.

    Attributes:
        report: its name, for errors.
        file: its name.
        sheet: its name.
        site: the property's site id, where it is known.
        salt: of the hashes.
    """

    report: str
    file: str
    sheet: str
    site: str | None
    salt: str

    def error(self, problem: str, todo: str = "download it again", row: int | None = None) -> ReportError:
        """An error about this sheet."""
        where = f"{self.report}: {self.file}, sheet {self.sheet}" + (f", row {row}" if row else "")
        return ReportError(f"{where}: {problem}; {todo}")

    def key(self, name: Any, *more: str) -> str | None:
        """The salted hash of a name."""
        return person_key(name, self.salt, *more)

    def same(self, what: str, printed: float, summed: float, *, off: float = 0, row: int | None = None) -> None:
        """Hold a printed figure to the one that the rows give.

        Raises:
            ReportError: they differ.
        """
        if abs(round(printed * 100) - round(summed * 100)) > off * 100:
            raise self.error(f"the rows do not add up to the printed {what}", "no row of it is loaded", row)


@dataclass
class Table:
    """A table whose labels were found.

    Attributes:
        reading: the sheet.
        columns: those that are there, from left to right, with the column of their label.
        last: the place of the last label row among the lines.
        printed: per name how the label is printed.
        furniture: first cells of the rows down to the labels, which stand again on each printed page.
    """

    reading: Reading
    columns: list[tuple[Column, int]]
    last: int
    printed: Mapping[str, str]
    furniture: set[Cell]

    def has(self, name: str) -> bool:
        """Tell whether a label is there."""
        return name in self.printed

    def form(self, names: Iterable[str] | None = None, hints: Sequence[Hint] = (), reach: int = _REACH) -> Form:
        """How one kind of row is read.

        Args:
            names: of the labels that this kind of row has values of; all of them without.
            hints: where this kind of row is known to have its values.
            reach: how many columns a value may be from there; 0 in an export that is not printed.
        """
        wanted = None if names is None else set(names)
        chosen = [(column, at) for column, at in self.columns if wanted is None or column.name in wanted]
        return Form(self.reading, chosen, hints, reach)


@dataclass
class Form:
    """Reads one kind of row. Rows of one shape are matched to the labels once."""

    reading: Reading
    columns: Sequence[tuple[Column, int]]
    hints: Sequence[Hint]
    reach: int
    _known: dict[tuple[int, ...], _Shape] = field(default_factory=dict)

    def read(self, line: Line) -> dict[str, Any]:
        """A row's values by label: numbers as such, dates in ISO, names as hashes under `<label> key`.

        Raises:
            ReportError: a cell fits no label, or not what its label says.
        """
        row, cells = line
        shape = tuple(cells)
        known = self._known.get(shape)
        if known is None:
            known = self._known[shape] = self._learn(row, shape)
        names, numbers, others = known
        made: dict[str, Any] = dict(zip(names, cells.values(), strict=True))
        name = ""
        try:
            for name in numbers:
                value = made[name]
                if value.__class__ is not int:
                    made[name] = number(value)
            for name, convert in others:
                made[name] = convert(made[name])
        except (ValueError, AttributeError):
            raise self.reading.error(f"what stands under {name!r} is none of its values", row=row) from None
        made.pop("", None)
        return made

    def _learn(self, row: int, shape: tuple[int, ...]) -> _Shape:
        matched = self._match(row, shape)
        names, numbers, others = [], [], []
        for at in shape:
            column = self.columns[matched[at]][0]
            name = f"{column.name} key" if column.holds == NAME else "" if column.holds == PRIVATE else column.name
            names.append(name)
            if column.holds == NUMBER:
                numbers.append(name)
            elif column.holds not in (PRIVATE, RAW):
                others.append((name, _conversions(self.reading)[column.holds]))
        return names, numbers, others

    def _match(self, row: int, shape: tuple[int, ...]) -> dict[int, int]:
        """Per filled column its label: the only best of the hinted shapes and the one right below the labels."""
        below: Hint = {}
        found = [aligned for hint in (below, *self.hints) if (aligned := self._aligned(shape, hint)) is not None]
        if not found:
            raise self.reading.error("a cell stands under none of the labels", row=row)
        least = min(cost for cost, _, _ in found)
        best = {tuple(labels): ways for cost, labels, ways in found if cost == least}
        if len(best) > 1 or max(best.values()) > 1:
            raise self.reading.error("its cells could stand under more than one label", row=row)
        return dict(zip(shape, next(iter(best)), strict=True))

    def _aligned(self, shape: tuple[int, ...], hint: Hint) -> tuple[int, list[int], int] | None:
        """The least distance at which the cells match labels in order, the labels, and how many ways do as well."""
        spots = [at + hint.get(column.name, 0) for column, at in self.columns]
        # per number of labels gone by: (cost, ways, labels taken), over the cells one after the other
        best: list[tuple[int, int, tuple[int, ...]] | None] = [(0, 1, ())] * (len(spots) + 1)
        for cell in shape:
            fresh: list[tuple[int, int, tuple[int, ...]] | None] = [None]
            for label, spot in enumerate(spots):
                options = []
                before = best[label]
                if before is not None and abs(cell - spot) <= self.reach:
                    options.append((before[0] + abs(cell - spot), before[1], (*before[2], label)))
                without = fresh[label]
                if without is not None:
                    options.append(without)
                if not options:
                    fresh.append(None)
                    continue
                least = min(cost for cost, _, _ in options)
                equal = [option for option in options if option[0] == least]
                fresh.append((least, sum(ways for _, ways, _ in equal), equal[0][2]))
            best = fresh
        end = best[-1]
        return None if end is None else (end[0], list(end[2]), end[1])


def split_marks(cells: Cells) -> tuple[Cells, str]:
    """Take the cells that hold nothing but marks out of a row."""
    if MARKS.isdisjoint(cells.values()):
        return cells, ""
    marks = "".join(str(cell) for cell in cells.values() if cell in MARKS)
    return {at: cell for at, cell in cells.items() if cell not in MARKS}, marks


def find_table(
    reading: Reading,
    lines: Sequence[Line],
    columns: Sequence[Column],
    *,
    between: tuple[int, int] = (0, 10_000),
    groups: Iterable[str] = (),
    ordered: bool = True,
) -> Table | None:
    """Find the first table that has the columns; None where not even a third of its labels are there.

    Args:
        reading: the sheet.
        lines: where to look.
        columns: that it has.
        between: the first and the last column to look in, where another table stands beside it.
        groups: labels over several columns, which say nothing alone.
        ordered: must the labels stand in the order of the columns? Where values stand beside their labels, another
            order cannot be told from labels that slipped.

    Raises:
        ReportError: a label is missing, there twice, or in another order.
    """
    spelled = {normal(name): column for column in columns for name in (column.name, *column.also)}
    spellings = [name for column in columns for name in (column.name, *column.also)]
    words = {normal(word) for spelling in spellings for word in (spelling, *spelling.split())}
    required = {column.name for column in columns if column.required}
    best: tuple[int, int, dict[str, list[int]], dict[str, str]] | None = None
    for start, (_, cells) in enumerate(lines):
        if not any(cell.__class__ is str and normal(cell) in words for cell in cells.values()):
            continue
        found, printed, last = _labels(lines, start, spelled, between)
        score = len(required & found.keys())
        if best is None or score > len(required & best[2].keys()):
            best = (start, last, found, printed)
        if score == len(required):
            break
    if best is None or 3 * len(required & best[2].keys()) < len(required):
        return None
    start, last, found, printed = best
    if missing := [column.name for column in columns if column.required and column.name not in found]:
        labels = ", ".join(repr(name) for name in missing)
        raise reading.error(f"no label {labels}", "RealPage has changed the report: give its spelling to the parser")
    if twice := [name for name, at in found.items() if len(at) > 1]:
        raise reading.error(f"label {twice[0]!r} is there twice", "leave one of them in it")
    places = [found[column.name][0] for column in columns if column.name in found]
    if ordered and (
        slipped := next((place for place in range(1, len(places)) if places[place] < places[place - 1]), 0)
    ):
        name = [column.name for column in columns if column.name in found][slipped]
        raise reading.error(
            f"label {name!r} stands left of where it was", "tell the parser of the new order", lines[last][0]
        )
    placed = [(column, found[column.name][0]) for column in columns if column.name in found]
    placed += _unknown(lines[start : last + 1], found, {*spelled, *map(normal, groups)}, between)
    furniture = {next(iter(cells.values())) for _, cells in lines[: last + 1]}
    return Table(reading, sorted(placed, key=lambda one: one[1]), last, printed, furniture)


def _labels(
    lines: Sequence[Line], start: int, spelled: Mapping[str, Column], between: tuple[int, int]
) -> tuple[dict[str, list[int]], dict[str, str], int]:
    """The labels from a row on: their columns, how they are printed, and the last row that has one."""
    stacks: dict[int, list[tuple[int, str]]] = {}
    for place in range(start, min(start + _LABEL_ROWS, len(lines))):
        row, cells = lines[place]
        if row - lines[start][0] >= _LABEL_HEIGHT:
            break
        for at, cell in cells.items():
            if cell.__class__ is str and between[0] <= at <= between[1]:
                stacks.setdefault(at, []).append((place, text(cell)))
    found: dict[str, list[int]] = {}
    printed: dict[str, str] = {}
    last = start
    for at, stack in sorted(stacks.items()):
        if label := _longest(stack, spelled):
            column, said, place = label
            found.setdefault(column.name, []).append(at)
            printed.setdefault(column.name, said)
            last = max(last, place)
    return found, printed, last


def _longest(stack: Sequence[tuple[int, str]], spelled: Mapping[str, Column]) -> tuple[Column, str, int] | None:
    """The label in a column whose pieces stand one below the other; of several the one of most pieces."""
    for length in range(len(stack), 0, -1):
        for start in range(len(stack) - length + 1):
            pieces = stack[start : start + length]
            said = " ".join(piece for _, piece in pieces)
            if column := spelled.get(normal(said)):
                return column, said, pieces[-1][0]
    return None


def _unknown(
    lines: Sequence[Line], found: Mapping[str, list[int]], known: set[str], between: tuple[int, int]
) -> list[tuple[Column, int]]:
    """Columns that nobody told about: they land as printed, unless they hold what must not."""
    taken = {at for places in found.values() for at in places}
    stacks: dict[int, list[str]] = {}
    for _, cells in lines:
        for at, cell in cells.items():
            if cell.__class__ is str and at not in taken and between[0] <= at <= between[1]:
                stacks.setdefault(at, []).append(text(cell))
    labels = {at: " ".join(stack) for at, stack in stacks.items()}
    return [(Column(label, _held(label)), at) for at, label in labels.items() if normal(label) not in known]


def _held(label: str) -> str:
    if _PRIVATE.search(label):
        return PRIVATE
    return NAME if _NAME.search(label) else "any"


def _any(cell: Cell) -> Any:
    """A cell of a column that nobody told about, as JSON has it."""
    return number(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else text(cell)


def _conversions(reading: Reading) -> dict[str, Callable[..., Any]]:
    return {TEXT: text, NUMBER: number, PAIR: pair, DATE: day, DATES: days, NAME: reading.key, "any": _any}
