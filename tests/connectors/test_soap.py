"""SOAP: elements as JSON, records of answers of any shape, every way in which a service says no, hostile XML."""

import logging
import random
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import connectors
from connectors.document_store import Store
from connectors.rest import SourceError
from connectors.soap import Answer, EmptyError, Service, SoapError, element_to_json, local
from connectors.soap_stand_in import XML, SoapStandIn, asked, enveloped, in_order, refused
from connectors.stand_in import Fault, Request, Response, route, serve

WSDL = Path(connectors.__file__).parent / "realpage_rpx" / "wsdl" / "realpage_rpx.wsdl"
RPX = "http://tempuri.org/"
SECRET = "5a3c-licence"
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Canned(SoapStandIn):
    """Answers what a test says."""

    def __init__(self) -> None:
        super().__init__(Store())
        self.answers: list[Response] = []
        self.bodies: list[bytes] = []

    @route("POST", "/x.svc/{operation}")
    def any(self, request: Request) -> Response:
        self.bodies.append(request.body)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "3")


@pytest.fixture
def canned() -> Iterator[tuple[Canned, Callable[[], list[dict[str, Any]]]]]:
    stand_in = Canned()
    with serve(stand_in) as url:
        service = Service("acme", WSDL, f"{url}/x.svc", (SECRET,))

        def units() -> list[dict[str, Any]]:
            pages = service.call("unitlist", auth={"siteid": "7", "licensekey": SECRET}).records("UnitList/Unit")
            return [row for page in pages for row in page]

        yield stand_in, units


def answered(*content: str) -> Response:
    return enveloped(RPX, "unitlist", content)


# Elements as JSON

names = st.sampled_from(["Unit", "Name", "Amount", "Note", "a", "b"])
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
attributes = st.dictionaries(names.map(lambda name: f"@{name}"), texts, max_size=2)
leaves = st.one_of(st.none(), texts.filter(bool))


def _element(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    children = st.dictionaries(names, st.one_of(inner, st.lists(inner, min_size=2, max_size=3)), max_size=3)
    return st.builds(lambda told, below: {**told, **below} or None, attributes, children)


trees = st.recursive(leaves, _element, max_leaves=12)


def xml_of(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(xml_of(name, one) for one in value)
    if not isinstance(value, dict):
        return f"<{name}>{escape(value or '')}</{name}>"
    told = "".join(f" {key[1:]}={quoteattr(one)}" for key, one in value.items() if key.startswith("@"))
    inner = "".join(xml_of(key, one) for key, one in value.items() if not key.startswith("@"))
    return f"<{name}{told}>{inner}</{name}>"


@FAST
@given(trees)
def test_json_becomes_xml_and_json_again(tree: Any) -> None:
    assert element_to_json(etree.fromstring(xml_of("root", tree))) == tree


def test_lists_text_beside_attributes_and_null_are_told_apart() -> None:
    element = etree.fromstring(
        '<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="urn:x"><u id="5">506</u><p>1</p><p/>'
        '<q>2</q><n i:nil="true"/><e/><s> </s></r>'
    )
    assert element_to_json(element, many=("q",)) == {
        "u": {"@id": "5", "#text": "506"},
        "p": ["1", None],
        "q": ["2"],
        "n": None,
        "e": None,
        "s": " ",
    }


# Records


@FAST
@given(
    rows=st.lists(st.one_of(trees, st.dictionaries(names, leaves, max_size=4)), max_size=40), padding=st.integers(0, 3)
)
def test_records_are_the_same_wherever_the_answer_is_cut_into_chunks(rows: list[Any], padding: int) -> None:
    random.Random(padding).shuffle(rows)  # noqa: S311
    filler = f"<Other>{'x' * 16_000 * padding}</Other>"
    made = [f"{xml_of('Unit', row)}{filler}" for row in rows]
    content = ['<UnitList xmlns="">', *made, "</UnitList>"]
    body = enveloped(RPX, "unitlist", content).body
    service = Service("acme", WSDL, "https://127.0.0.1/")
    found = [row for page in Answer(service, "unitlist", BytesIO(body)).records("UnitList/Unit") for row in page]
    expected = [row if isinstance(row, dict) else {"#text": row} if row else {} for row in rows]
    assert found == expected


def test_a_record_longer_than_many_chunks_keeps_attributes_of_its_beginning(canned: Any) -> None:
    stand_in, units = canned
    long = "y" * 200_000
    stand_in.answers = [
        answered(f'<UnitList xmlns=""><Unit><A k="1">a</A><B>{long}</B></Unit><Unit><A>b</A></Unit></UnitList>')
    ]
    assert units() == [{"A": {"@k": "1", "#text": "a"}, "B": long}, {"A": "b"}]


@pytest.mark.parametrize(
    ("unit", "row"),
    [
        ("<A>1</A><B /><C></C>", {"A": "1", "B": None, "C": None}),
        ("\n  <A>1</A>\n  <B/>\n", {"A": "1", "B": None}),
        ("<A>R&amp;D &lt;1&#62; &#128;&#x41; &amp;lt;</A>", {"A": "R&D <1> \x80A &lt;"}),
        ("<A>one\r\ntwo\rthree&#13;</A>", {"A": "one\ntwo\nthree\r"}),
        ("<A><![CDATA[<B>2</B>]]></A>", {"A": "<B>2</B>"}),
        ("<A>1<!-- <B>2</B> --></A>", {"A": "1"}),
        ("<!-- <A>0</A> --><A>1</A>", {"A": "1"}),
        ("<A>1</A><A>2</A>", {"A": ["1", "2"]}),
        ("<A>1</A>text", {"A": "1", "#text": "text"}),
        ('<A k="1">2</A>', {"A": {"@k": "1", "#text": "2"}}),
        ('<n:A xmlns:n="urn:n">1</n:A>', {"A": "1"}),
        ("<Unit>1</Unit>", {"Unit": "1"}),
        ("<Unit><A>1</A></Unit>", {"Unit": {"A": "1"}}),
        ("<A > </A >", {"A": " "}),
    ],
)
def test_every_spelling_of_a_record_is_read_alike(canned: Any, unit: str, row: dict[str, Any]) -> None:
    stand_in, units = canned
    plain = "<Unit><A>0</A></Unit>"
    stand_in.answers = [answered(f'<UnitList xmlns="">{plain}<Unit>{unit}</Unit>{plain}</UnitList>')]
    assert units() == [{"A": "0"}, row, {"A": "0"}]


@pytest.mark.parametrize(
    "before", ["<!-- <UnitList><Unit><A>9</A></Unit> -->", "<?x <UnitList> ?>", "<Other><A>9</A></Other>"]
)
def test_lists_begin_where_they_begin(canned: Any, before: str) -> None:
    stand_in, units = canned
    stand_in.answers = [answered(f'{before}<UnitList xmlns=""><Unit><A>1</A></Unit></UnitList>')]
    assert units() == [{"A": "1"}]


def test_answers_in_other_encodings_are_read(canned: Any) -> None:
    stand_in, units = canned
    text = answered('<UnitList xmlns=""><Unit><A>Zoë</A></Unit></UnitList>').body.decode().replace("utf-8", "{}")
    stand_in.answers = [Response(text.format(name).encode(name)) for name in ("iso-8859-1", "utf-16")]
    assert units() == units() == [{"A": "Zoë"}]


def test_names_count_without_their_namespace(canned: Any) -> None:
    stand_in, units = canned
    stand_in.answers = [answered('<n:UnitList xmlns:n="urn:y"><n:Unit><n:A>1</n:A></n:Unit></n:UnitList>')]
    assert units() == [{"A": "1"}]


def test_lists_of_one_and_of_none(canned: Any) -> None:
    stand_in, units = canned
    stand_in.answers = [answered('<UnitList xmlns=""/>'), answered('<UnitList xmlns=""><Unit><A/></Unit></UnitList>')]
    assert units() == []
    assert units() == [{"A": None}]


def test_the_envelope_is_one_line_with_parameters_in_the_wsdls_order(canned: Any) -> None:
    stand_in, units = canned
    stand_in.answers = [answered('<UnitList xmlns=""/>')]
    units()
    (body,) = stand_in.bodies
    assert b"\n" not in body
    element = asked(Request("POST", "", {}, {}, body))
    assert in_order(element[0], ("pmcid", "siteid", "username", "password", "licensekey", "system")) == {
        "pmcid": None,
        "siteid": "7",
        "username": None,
        "password": None,
        "licensekey": SECRET,
        "system": None,
    }


def test_what_comes_after_its_turn_is_read_as_null() -> None:
    element = etree.fromstring("<op><b>2</b><a>1</a></op>")
    assert in_order(element, ("a", "b")) == {"a": None, "b": "2"}
    assert [local(one.tag) for one in element] == ["b", "a"]


# Ways to say no


def refusal(status: int = 200, words: str = "The license key is not authorized.") -> Response:
    told = f"<CustomMessage>Check {SECRET} of ann@mail.example</CustomMessage>"
    detail = f"<detail><RPXApplicationFault>{told}</RPXApplicationFault></detail>"
    return refused(status, "s:inv_Param", words, detail)


@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_counts_whatever_the_status_and_is_not_repeated(canned: Any, status: int) -> None:
    stand_in, units = canned
    stand_in.answers = [refusal(status)]
    with pytest.raises(SourceError, match=r"unitlist.*inv_Param: The license key is not authorized\.; Check") as caught:
        units()
    assert stand_in.requests["POST /x.svc/{operation}"] == 1
    assert SECRET not in str(caught.value)
    assert "ann@" not in str(caught.value)


def test_a_fault_that_is_a_time_out_is_repeated(canned: Any) -> None:
    stand_in, units = canned
    stand_in.answers = [
        refusal(200, "Execution Timeout Expired."),
        answered('<UnitList xmlns=""><Unit><A>1</A></Unit></UnitList>'),
    ]
    assert units() == [{"A": "1"}]


def test_a_server_that_fails_without_a_fault_is_asked_again(canned: Any) -> None:
    stand_in, units = canned
    stand_in.answers = [answered('<UnitList xmlns=""/>')]
    stand_in.faults.append(Fault("unitlist", 503, times=2))
    assert units() == []
    stand_in.faults.append(Fault("unitlist", 502, times=9))
    with pytest.raises(SourceError, match="answered 502 to unitlist"):
        units()


def test_messages_are_errors_or_are_logged(canned: Any, caplog: pytest.LogCaptureFixture) -> None:
    stand_in, units = canned
    wrong = '<Messages xmlns=""><Message messageType="{}">No residents found.</Message></Messages>'
    stand_in.answers = [answered(wrong.format("Error")), answered(wrong.format("FYI"))]
    with pytest.raises(SoapError, match=r"acme: unitlist answered No residents found\."):
        units()
    with caplog.at_level(logging.INFO):
        assert units() == []
    assert "FYI: No residents found." in caplog.text


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (answered(), EmptyError, "an empty result, without UnitList"),
        (answered("error: the site is closed"), SoapError, "error: the site is closed"),
        (answered('<Other xmlns=""/>'), EmptyError, "without UnitList"),
        (Response(b"", headers=dict(XML)), SourceError, "with nothing"),
        (Response(b"<html><body>Maintenance</body></html>"), SourceError, "a page of HTML"),
        (Response(b"<!DOCTYPE html><html></html>"), SourceError, "a page of HTML"),
        (Response(b"<Other/>"), SourceError, "without an envelope"),
        (Response(b"not XML at all"), SourceError, "broken or not whole"),
        (Response(answered('<UnitList xmlns=""><Unit/></UnitList>').body[:-40]), SourceError, "broken or not whole"),
        (answered('<UnitList xmlns=""><Unit><A>\x0b</A></Unit></UnitList>'), SourceError, "broken or not whole"),
    ],
)
def test_what_is_no_answer_is_one_clear_error_and_never_zero_rows(
    canned: Any, content: Response, kind: type[SourceError], words: str
) -> None:
    stand_in, units = canned
    stand_in.answers = [content]
    with pytest.raises(kind, match=words):
        units()


def test_nothing_of_a_broken_answer_gets_further() -> None:
    """A snapshot of half a property would be a wrong one."""
    body = answered('<UnitList xmlns="">', *["<Unit><A>1</A></Unit>"] * 5_000, "<Broken></UnitList>").body
    answer = Answer(Service("acme", WSDL, "https://127.0.0.1/"), "unitlist", BytesIO(body))
    with pytest.raises(SourceError, match="broken"):
        next(answer.records("UnitList/Unit"))


# Hostile XML

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
ENTITIES = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>',
    "external entity": '<!DOCTYPE x [<!ENTITY l11 SYSTEM "file:///etc/passwd">]>',
    "external subset": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/evil.dtd">',
}


@pytest.mark.parametrize("kind", ENTITIES)
@pytest.mark.parametrize("place", ["in a record", "in the envelope's own attribute"])
def test_document_types_are_refused(canned: Any, kind: str, place: str) -> None:
    stand_in, units = canned
    text = answered('<UnitList xmlns=""><Unit><A>&l11;</A></Unit></UnitList>').body.decode().split("?>")[1]
    if place != "in a record":
        text = text.replace("<s:Envelope", '<s:Envelope a="&l11;"', 1).replace("<A>&l11;</A>", "<A/>")
    stand_in.answers = [Response((ENTITIES[kind] + text).encode(), headers=dict(XML))]
    with pytest.raises(SourceError, match="document type of its own"):
        units()
    # Spelt so that a first look at it sees nothing: entities of the envelope itself then break it.
    stand_in.answers = [Response((ENTITIES[kind] + text).encode("utf-16"), headers=dict(XML))]
    with pytest.raises(SourceError, match=r"document type of its own|broken or not whole"):
        units()


def test_secrets_are_never_sent_unencrypted() -> None:
    with pytest.raises(SourceError, match="must begin with https"):
        Service("acme", WSDL, "http://gateway.example/x.svc")


def test_a_redirect_is_no_answer(canned: Any) -> None:
    stand_in, units = canned
    stand_in.answers = [Response(b"", 302, {"Location": "https://elsewhere.example/"})]
    with pytest.raises(SourceError, match="with nothing"):
        units()
