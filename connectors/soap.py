"""SOAP for connectors: requests by a WSDL of our own, answers of any size read record by record.

Belongs here: envelopes (zeep makes them), the ways in which SOAP services say no (a Fault, with or without an error
status, a page of HTML, nothing at all), XML that attacks its reader, elements as JSON. Does not belong here: which
operations there are and what is in them (`connectors/<source>/source.py`), retries and waiting (`connectors/rest.py`).

    call ──envelope, one line──> service ──answer──> file ──proved whole──> records, a thousand at a time

An answer goes to a file first and is proved to be whole, so that of a broken one no row lands.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import urlsplit

from lxml import etree
from zeep import Client, Settings
from zeep.wsdl.bindings.soap import Soap11Binding

from connectors.rest import Api, SourceError
from connectors.soap_literal import Literal, list_start

_IN_MEMORY = 4 * 2**20
"""Answers up to this size need no file on disk."""
_FAULT_WITHIN = 2**20
"""A Fault is short: only so much of an answer is searched for one."""
_BATCH = 1_000
_CHUNK = 2**15
"""Bytes parsed at a time: what was made of so few is freed while the processor still has it at hand."""
_LITERAL = 2**18
"""Bytes read at a time of records that are spelt plainly; one that is larger is left to the parser."""
_HEAD = 1_024
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}

_log = logging.getLogger(__name__)
_making = threading.Lock()


class SoapError(SourceError):
    """A service said no in words: a Fault, or a message of type Error in its answer.

    Attributes:
        words: they.
    """

    def __init__(self, message: str, words: str) -> None:
        super().__init__(message, 200)
        self.words = words


@dataclass(frozen=True)
class Fault:
    """What a SOAP Fault says: its code, and its words with those of its detail."""

    code: str
    words: str


def local(tag: str) -> str:
    """An element's name without its namespace."""
    return tag.rpartition("}")[2]


def element_to_json(element: Any, many: Collection[str] = ()) -> Any:
    """Make JSON of an element: text as it is, null for none.

    Children stand under their names, repeated ones and those named in `many` as lists, attributes under "@name",
    text beside either under "#text". Namespaces are left out.
    """
    attributes = {f"@{local(name)}": value for name, value in element.attrib.items()}
    if attributes.get("@nil") in {"true", "1"}:
        return None
    if not len(element) and not attributes:
        return element.text or None
    made: dict[str, Any] = attributes
    lists: set[str] = set()
    for child in element:
        name, value = local(child.tag), element_to_json(child, many)
        if name in lists:
            made[name].append(value)
        elif name in many:
            made[name] = [value]
            lists.add(name)
        elif name in made:
            made[name] = [made[name], value]
            lists.add(name)
        else:
            made[name] = value
    text = "".join([element.text or "", *(child.tail or "" for child in element)])
    if text if not len(element) else text.strip():
        made["#text"] = text
    return made


class _Proof:
    """Sees an answer pass without keeping it."""

    def doctype(self, *_: Any) -> None:
        raise _DtdError

    def close(self) -> None:
        """Nothing was kept."""


class _DtdError(Exception):
    """An answer brings a document type of its own: SOAP forbids it, and only attackers send one."""


def _fault_in(body: bytes) -> Fault | None:
    """Find the Fault of an answer; None where there is none, or no XML."""
    if b"Fault" not in body or b"<!DOCTYPE" in body:
        return None
    try:
        root = etree.fromstring(body, etree.XMLParser(**_SAFE, remove_comments=True, remove_pis=True))
    except etree.XMLSyntaxError:
        return None
    found = next((child for part in root for child in part if local(child.tag) == "Fault"), None)
    if local(root.tag) != "Envelope" or found is None:
        return None
    code, words = "", []
    for element in found.iter():
        name, text = local(element.tag), (element.text or "").strip()
        if name in {"faultcode", "Value"} and not code:
            code = text.rpartition(":")[2]
        elif name in {"faultstring", "Text", "CustomMessage", "ExceptionMessage"} and text and text not in words:
            words.append(text)
    return Fault(code, "; ".join(words))


class _Wire(Api):
    """Posts envelopes: bodies go to files, and a Fault counts whatever the status is."""

    def post(self, action: str, envelope: bytes) -> Any:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        return self.send(
            "POST",
            self.base_url,
            data=envelope,
            headers=headers,
            stream=True,
            allow_redirects=False,
            hooks={"response": _to_file},
        )

    def _can_help(self, response: Any) -> bool:
        if response.fault:
            return re.search(r"time[d -]*out", response.fault.words, re.IGNORECASE) is not None
        return super()._can_help(response)

    def _why(self, response: Any) -> str:
        fault = response.fault
        operation = response.request.headers["SOAPAction"].strip('"').rpartition("/")[2]
        said = f": {self.shown(f'{fault.code}: {fault.words}')}" if fault else ""
        return f"{response.status_code} to {operation}{said}"


def _to_file(response: Any, **_: Any) -> None:
    """Take an answer off the wire as it comes. A connection that breaks meanwhile is a failed request like others."""
    response.file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - its reader closes it
    for chunk in response.iter_content(2**18):
        response.file.write(chunk)
    response.file.seek(0)
    response.fault = _fault_in(response.file.read(_FAULT_WITHIN))
    response.file.seek(0)


@lru_cache
def _described(wsdl: Path) -> tuple[Any, Any]:
    """A WSDL's client and its binding for SOAP 1.1, read once: they hold nothing of a request."""
    settings = Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    client: Any = Client(str(wsdl), settings=settings)  # type: ignore[no-untyped-call]
    return client, next(one for one in client.wsdl.bindings.values() if isinstance(one, Soap11Binding))


class Service:
    """One web service.

    Args:
        source: whose it is, for messages.
        wsdl: the file that describes it.
        url: where it really is.
        secrets: values that no message may show.

    Raises:
        SourceError: the URL would send secrets unencrypted.
    """

    def __init__(self, source: str, wsdl: Path, url: str, secrets: tuple[str, ...] = ()) -> None:
        place = urlsplit(url)
        if place.scheme != "https" and place.hostname not in _LOOPBACK:
            raise SourceError(f"{source}: the service's URL must begin with https: requests bear secrets")
        self.source = source
        self._client, self._binding = _described(wsdl)
        self._service = self._client.create_service(self._binding.name.text, url)
        self._wire = _Wire(source, url, headers={"Accept": "text/xml"}, secrets=secrets)

    def call(self, operation: str, **parameters: Any) -> Answer:
        """Ask; parameters go in the WSDL's order, whatever the order here.

        Raises:
            SoapError: the service refused.
            SourceError: it failed, or answered no SOAP.
        """
        with _making:  # zeep's schemas are not made for threads
            envelope = self._client.create_message(self._service, operation, **parameters)
        body = b'<?xml version="1.0" encoding="utf-8"?>' + etree.tostring(envelope, encoding="utf-8")
        # One line: some hosts fail at line breaks.
        response = self._wire.post(self._binding.get(operation).soapaction, body.replace(b"\n", b"&#10;"))
        answer = Answer(self, operation, response.file)
        if response.fault:
            raise answer.refusal(f"{response.fault.code}: {response.fault.words}")
        return answer

    def shown(self, message: str) -> str:
        """Words of the service as an error may show them."""
        return self._wire.shown(message)


class EmptyError(SourceError):
    """A result with nothing in it, not even an empty list: what some services answer to a wrong login."""


class Answer:
    """What a service answered, to be read once."""

    def __init__(self, service: Service, operation: str, file: IO[bytes]) -> None:
        self._service, self.operation, self._file = service, operation, file

    def records(self, path: str, many: Collection[str] = ()) -> Iterator[list[dict[str, Any]]]:
        """Yield the elements at a path below the operation's result as JSON, a thousand at a time.

        Args:
            path: local names, the result's child first.
            many: names that are lists even when they come once.

        Raises:
            SoapError: the answer holds messages of type Error instead.
            SourceError: it is no SOAP, is broken, or lacks the result's child: that is not zero records.
        """
        with self._file:
            self._prove()
            yield from _batches(_Walk(self, path.split("/"), many).parts(self._file))

    def refusal(self, words: str) -> SoapError:
        """The error of a service that said no."""
        shown = self._service.shown(words)
        return SoapError(f"{self._service.source}: {self.operation} answered {shown}", shown)

    def broken(self, how: str) -> SourceError:
        """The error of an answer that is none."""
        return SourceError(f"{self._service.source}: {self.operation} answered {how}", 200)

    def empty(self, child: str) -> EmptyError:
        """The error of a result with nothing in it."""
        return EmptyError(f"{self._service.source}: {self.operation} answered an empty result, without {child}", 200)

    def hear(self, messages: Any) -> None:
        """Heed the messages of an answer that holds them in place of a list.

        Raises:
            SoapError: one of them is an error.
        """
        for message in messages:
            kind, words = message.get("messageType", "Error"), " ".join("".join(message.itertext()).split())
            if kind.lower() == "error":
                raise self.refusal(words)
            _log.info("%s: %s: %s: %s", self._service.source, self.operation, kind, self._service.shown(words))

    def _prove(self) -> None:
        """See that the answer is whole, well-formed and free of a document type, before any record goes further."""
        head = self._file.read(_HEAD).lstrip().lower()
        self._file.seek(0)
        if not head:
            raise self.broken("with nothing")
        if head.startswith((b"<!doctype html", b"<html")):
            raise self.broken("with a page of HTML")
        try:
            etree.parse(self._file, etree.XMLParser(**_SAFE, target=_Proof()))
        except _DtdError:
            raise self.broken("with a document type of its own, which is refused") from None
        except etree.XMLSyntaxError:
            raise self.broken("with XML that is broken or not whole") from None
        self._file.seek(0)


class _Walk:
    """Reads the records of a proven answer: those that are spelt plainly from its text, the others by a parser.

    The parser is fed a little at a time, without the records that were read; what it completes is read and freed.
    """

    def __init__(self, answer: Answer, path: list[str], many: Collection[str]) -> None:
        self._answer, self._name, self._many = answer, path[-1], many
        result, self._child, self._list = f"{answer.operation}Result", path[0], path[-2]
        response = f"{answer.operation}Response"
        # Which names matter, and what each stands below, the nearest first.
        self._places = {"Envelope": [], result: [response, "Body"], "Messages": [result], self._child: [result]}
        self._above = [*reversed(path[:-2]), result]
        self._opening = ["Body", response, result, *path[:-1]]
        self._seen: set[str] = set()
        self._said = ""
        self._growing: Any = None
        wanted = [f"{{*}}{name}" for name in {*self._places, self._list}]
        self._parser = etree.XMLPullParser(("start", "end"), tag=wanted, remove_comments=True, remove_pis=True, **_SAFE)

    def parts(self, file: IO[bytes]) -> Iterator[list[dict[str, Any]]]:
        """Yield records a few at a time, and see at the end whether it was an answer at all."""
        rest = yield from self._literal(file)
        while chunk := rest or file.read(_CHUNK):
            for start in range(0, len(chunk), _CHUNK):
                yield self._read(chunk[start : start + _CHUNK])
            rest = b""
        if "Envelope" not in self._seen:
            raise self._answer.broken("without an envelope")
        if not self._seen & {self._child, "Messages"}:
            raise self._answer.refusal(self._said) if self._said else self._answer.empty(self._child)

    def _literal(self, file: IO[bytes]) -> Generator[list[dict[str, Any]], None, bytes]:
        """Yield flat records from where the list begins; return what was taken from the file and not read."""
        rest = file.read(_LITERAL)
        start = 0 if self._many else list_start(rest, self._opening)
        if not start:
            return rest
        yield self._read(rest[:start])
        literal, rest = Literal(self._name), rest[start:]
        while (end := rest.rfind(literal.end) + len(literal.end)) >= len(literal.end):
            text = rest[:end].decode()
            rows, place = literal.rows(text)
            yield rows
            if place < len(text):
                return rest[len(text[:place].encode()) :]
            rest = rest[end:] + file.read(_LITERAL)
        return rest

    def _read(self, chunk: bytes) -> list[dict[str, Any]]:
        """Feed the parser; read what that completed. The last of a list may still be growing."""
        self._parser.feed(chunk)
        rows = [row for event, element in self._parser.read_events() for row in self._met(event, element)]
        return rows if self._growing is None else rows + self._rows(self._growing, self._growing[:-1])

    def _rows(self, parent: Any, elements: list[Any]) -> list[dict[str, Any]]:
        """Read the records among the first elements of a list, and free all of these."""
        made = [element_to_json(one, self._many) for one in elements if local(one.tag) == self._name]
        del parent[: len(elements)]
        return [one if isinstance(one, dict) else {"#text": one} if one else {} for one in made]

    def _met(self, event: str, element: Any) -> list[dict[str, Any]]:
        """Heed the beginning or the end of an element that matters; return the records that end with it."""
        name = local(element.tag)
        rows: list[dict[str, Any]] = []
        if name == self._list and _is_below(element, self._above):
            self._growing = element if event == "start" else None
            if event == "end":
                rows = self._rows(element, element[:])
        if event == "end" and name in self._places and _is_below(element, self._places[name]):
            self._seen.add(name)
            if name == "Messages":
                self._answer.hear(element)
            elif name == f"{self._answer.operation}Result":
                self._said = " ".join("".join(element.itertext()).split())
        return rows


def _is_below(element: Any, names: list[str]) -> bool:
    for name in names:
        element = element.getparent()
        if element is None or (local(element.tag) != name):
            return False
    return True


def _batches(parts: Iterator[list[dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for rows in parts:
        batch += rows
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
