"""What SOAP stand-ins have in common: one path for many operations, parameters by the WSDL's order, envelopes, Faults.

Belongs here: what any SOAP 1.1 server does. Does not belong here: routes, faults on request and counts
(`connectors/stand_in.py`), any one service's operations.

An operation becomes the last part of the path, so that a handler is `route("POST", "/x.svc/unitlist")`, requests are
counted by operation, and a test asks for trouble with one: `Fault("unitlist", 500)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pandas as pd
from lxml import etree

from connectors.soap import local
from connectors.stand_in import Request, Response, StandIn

XML = {"Content-Type": "text/xml; charset=utf-8"}
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True}


class SoapStandIn(StandIn):
    """Base of the SOAP stand-ins."""

    def answer(self, request: Request) -> Response:
        """Answer a request, its operation made the last part of its path."""
        if request.method == "POST" and "soapaction" in request.headers:
            operation = request.headers["soapaction"].strip('"').rpartition("/")[2]
            request = replace(request, path=f"{request.path.rstrip('/')}/{operation}")
        return super().answer(request)

    def error(self, status: int, message: str) -> Any:
        """A page, as the web server before a service answers."""
        return f"<html><body><h1>{status}</h1><p>{escape(message)}</p></body></html>".encode()


def tag(name: str, value: Any = None, **attributes: Any) -> str:
    """An element with text, or empty."""
    told = "".join([f" {key}={quoteattr(str(one))}" for key, one in attributes.items()]) if attributes else ""
    return f"<{name}{told}/>" if value is None or value == "" else f"<{name}{told}>{_text(value)}</{name}>"


def wrap(name: str, *inner: str, **attributes: Any) -> str:
    """An element with elements in it."""
    told = "".join([f" {key}={quoteattr(str(one))}" for key, one in attributes.items()]) if attributes else ""
    return f"<{name}{told}>{''.join(inner)}</{name}>"


def flat(name: str, fields: Mapping[str, Any]) -> str:
    """An element with one element a field; a field of None is left out, one of '' is there and empty."""
    return wrap(name, *[tag(key, value) for key, value in fields.items() if value is not None])


def elements(
    name: str, columns: Mapping[str, Any], *inner: Iterable[str], leaves_out_empty: bool = False
) -> Iterator[str]:
    """An element a row of columns, with one element a field, and what is inside it besides.

    Args:
        name: of the elements.
        columns: their fields; a single value stands in all of them.
        inner: more elements of each, as text.
        leaves_out_empty: a field of '' is not there; otherwise it is, and empty.
    """
    sizes = [len(one) for one in columns.values() if not isinstance(one, (str, int))]
    made = [_column(field, values, sizes[0], leaves_out_empty) for field, values in columns.items()]
    for row in zip(*made, *inner, strict=True):
        yield f"<{name}>{''.join(row)}</{name}>"


def _column(name: str, values: Any, size: int, leaves_out_empty: bool) -> list[str]:
    """A field of all rows; most values come often, and are written once."""
    empty = "" if leaves_out_empty else f"<{name}/>"
    written: dict[Any, str] = {"": empty}
    made = []
    for value in [values] * size if isinstance(values, (str, int)) else np.asarray(values, dtype=object):
        if value not in written:
            written[value] = f"<{name}>{_text(value)}</{name}>"
        made.append(written[value])
    return made


def dicts(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame."""
    names = [str(name) for name in frame.columns]
    columns = [np.asarray(frame[name], dtype=object) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _text(value: Any) -> str:
    text = str(value)
    return escape(text) if "&" in text or "<" in text or ">" in text else text


def enveloped(namespace: str, operation: str, content: Iterable[str]) -> Response:
    """The answer to an operation; its content has no namespace of its own."""
    head = (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{_ENVELOPE}"><s:Body>'
        f'<{operation}Response xmlns="{namespace}"><{operation}Result>'
    )
    foot = f"</{operation}Result></{operation}Response></s:Body></s:Envelope>"
    return Response("".join([head, *content, foot]).encode(), headers=dict(XML))


def refused(status: int, code: str, words: str, detail: str = "", namespaces: str = "") -> Response:
    """A Fault, which comes with any status."""
    body = (
        f'<s:Envelope xmlns:s="{_ENVELOPE}"{namespaces}><s:Body><s:Fault><faultcode>{code}</faultcode>'
        f'<faultstring xml:lang="en-US">{escape(words)}</faultstring>{detail}</s:Fault></s:Body></s:Envelope>'
    )
    return Response(body.encode(), status, dict(XML))


def asked(request: Request) -> Any:
    """The operation's element of a request; None for what is no envelope."""
    try:
        root = etree.fromstring(request.body, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError:
        return None
    return next((one for part in root if local(part.tag) == "Body" for one in part), None)


def in_order(element: Any, order: Iterable[str]) -> dict[str, str | None]:
    """Read an element's children as ASP.NET does: by name, and one that comes after its turn is not seen."""
    left: Iterator[Any] = iter(element)
    child = next(left, None)
    found: dict[str, str | None] = {}
    for name in order:
        found[name] = None
        if child is not None and local(child.tag) == name:
            found[name] = child.text or ""
            child = next(left, None)
    return found


def described(path: Path, url: str) -> Response:
    """A WSDL with this server's own address."""
    text = re.sub(r'location="[^"]*"', f"location={quoteattr(url)}", path.read_text())
    return Response(text.encode(), headers=dict(XML))
