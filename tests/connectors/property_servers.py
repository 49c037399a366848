"""What the tests of the SOAP connectors share: the property world of a few sites, and what of it is personal."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from connectors.sandbox.properties import PropertyWorld, build
from connectors.sandbox.world import SEED
from connectors.stand_in import Request, StandIn

SMALL, OTHER = 4810158, 4810125
"""Ridian, 123 units, and Aspire 7th and Grant, 178."""


CITIES = ("Denver", "Aurora")


@cache
def properties(day: int = 0) -> PropertyWorld:
    return build(SEED, 0.01, day)


@cache
def personal(site: int) -> frozenset[str]:
    """Names, phones, mail addresses, birth dates and comments of everyone at a property."""
    one = properties().site(site)
    words: set[str] = set()
    for frame in (one.members, one.prospects):
        words |= set((frame["first"] + " " + frame["last"]).tolist()) | set(frame["last"].tolist())
        for column in ("phone", "phone_home", "phone_cell", "email", "comment", "street"):
            if column in frame:
                words |= set(frame[column].tolist())
    # A child can be born on the day that a lease began.
    words |= set(one.members.loc[one.members["is_adult"], "birth_on"].dt.strftime("%Y-%m-%d").dropna().tolist())
    words |= set(one.prospects["agent"].tolist()) | {"Natural causes.", "Asked about parking and pets."}
    return frozenset(word for word in words if len(word) > 5) - set(one.properties["phone"]) - set(CITIES)


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


def names(value: Any) -> Iterator[str]:
    """Every field's name in a JSON value."""
    if isinstance(value, dict):
        yield from value
        for one in value.values():
            yield from names(one)
    elif isinstance(value, list):
        for one in value:
            yield from names(one)


def posted(stand_in: StandIn, path: str, action: str, body: str) -> tuple[int, str]:
    """What a stand-in answers to an envelope written by hand: status and text."""
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    envelope = f'<e:Envelope xmlns:e="{soap}"><e:Body>{body}</e:Body></e:Envelope>'
    told = stand_in.answer(Request("POST", path, {}, {"soapaction": f'"{action}"'}, envelope.encode()))
    return told.status, told.body.decode()
