"""Flat records of a SOAP answer, read straight from its text: three times as fast as through a tree.

A record is flat when it holds elements without attributes, prefixes and elements of their own. In an answer that a
parser has found well-formed and free of a document type, what is spelt `<Unit><A>1</A><B /></Unit>` where a list begins
is that record and nothing else. From the first record that is spelt in another way all is left to the parser.

Belongs here: that spelling. Does not belong here: parsers and answers (`connectors/soap.py`).
"""

from __future__ import annotations

import re
from typing import Any

_HEAD = 2**16
_SHAPES = 1_000
"""Sequences of names that are learnt; records with more of them are no rows of a table."""

_NAME = r"[^\s<>/:&!?]+"
_NOTHING = re.compile("(?!)")
_LEAF = re.compile(rf"<({_NAME})\s*/?>")
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(\w+));")
_MEANT = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def list_start(head: bytes, path: list[str]) -> int:
    """Where the children of the list begin, after an answer's first opening tags; 0 where that is not spelt plainly.

    Args:
        head: what the answer begins with.
        path: names that follow one another, each the other's first child; the last is the list's.
    """
    declared = re.match(rb"\s*<\?xml[^<>]*\?>", head)
    if declared and b"encoding" in declared[0] and b"utf-8" not in declared[0].lower():
        return 0
    tags = [rb"<(?:[\w.-]+:)?" + re.escape(name).encode() + rb"(?:\s[^<>]*)?(?<!/)>" for name in path]
    found = re.search(rb"\s*".join(tags), head[declared.end() if declared else 0 : _HEAD])
    if not found or re.search(rb"<[!?]", head[declared.end() if declared else 0 : found.end()]):
        return 0
    return found.end() + (declared.end() if declared else 0)


class Literal:
    """Reads the records of one name."""

    def __init__(self, name: str) -> None:
        self.end = f"</{name}>".encode()
        self._name = name
        self._record = re.compile(rf"\s*<{name}>((?:\s*<{_NAME}(?:\s*/>|>[^<]*</[^<>]*>))+)\s*</{name}>")
        self._shapes: dict[tuple[str, ...], re.Pattern[str]] = {}

    def rows(self, text: str) -> tuple[list[dict[str, Any]], int]:
        """Read records up to the end, or to one that is not flat; return them and where that is."""
        rows: list[dict[str, Any]] = []
        place = 0
        shape, names = _NOTHING, ()
        while place < len(text):
            found = shape.match(text, place)
            if not found:
                known = self._shape(text, place)
                if not known:
                    break
                names, shape = known
                found = shape.match(text, place)
                if not found:
                    break
            values = found.groups()
            if "&" in found[0] or "\r" in found[0]:
                values = tuple(value and _plain(value) for value in values)
            rows.append(dict(zip(names, values, strict=True)))
            place = found.end()
        return rows, place

    def _shape(self, text: str, place: int) -> tuple[Any, re.Pattern[str]] | None:
        """Learn the names in the record that begins here; None when it is not flat, or repeats a name."""
        record = self._record.match(text, place)
        if not record:
            return None
        names = tuple(_LEAF.findall(record[1]))
        if names not in self._shapes:
            if len(set(names)) < len(names) or len(self._shapes) == _SHAPES:
                return None
            leaves = (
                rf"\s*<(?:{one}>([^<]+)</{one}\s*>|{one}\s*/>|{one}></{one}\s*>)" for one in map(re.escape, names)
            )
            self._shapes[names] = re.compile(rf"\s*<{self._name}>{''.join(leaves)}\s*</{self._name}>")
        return names, self._shapes[names]


def _plain(value: str) -> str:
    """Text as a parser gives it: lines end with one character, then references are what they stand for."""
    return _REFERENCE.sub(_meant, value.replace("\r\n", "\n").replace("\r", "\n"))


def _meant(reference: re.Match[str]) -> str:
    hexadecimal, decimal, name = reference.groups()
    if name:
        return _MEANT[name]  # a well-formed answer without a document type knows no other
    return chr(int(hexadecimal, 16) if hexadecimal else int(decimal))
