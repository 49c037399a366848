"""RealPage's reporting API by the real protocol: the job list's pages, what is refused, what a stand-in can be told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.document_store import Record, Store
from connectors.realpage_reports import client
from connectors.realpage_reports.client import READY, Reporting
from connectors.realpage_reports.definitions import REPORTS
from connectors.realpage_reports.documents import SITE
from connectors.realpage_reports.properties import properties
from connectors.realpage_reports.stand_in import RealPageReportsStandIn, token
from connectors.realpage_reports.tokens import Tokens
from connectors.rest import Api, SourceError
from connectors.stand_in import serve

ONE, ANOTHER = properties()[:2]
REPORT = REPORTS[0]
TOLD = REPORT.filled_in(datetime(2026, 1, 15, tzinfo=UTC).date(), 0)


class _Bytes:
    def render(self, *_: object) -> bytes:
        return b"x" * 600


@pytest.fixture
def server() -> Iterator[tuple[RealPageReportsStandIn, str]]:
    stand_in = RealPageReportsStandIn(Store())
    stand_in._renderer = _Bytes()  # type: ignore[assignment]
    stand_in.store.put(Record(SITE, "", ONE.site_id, {}))
    with serve(stand_in) as url:
        yield stand_in, url


def reporting(url: str) -> Reporting:
    return Reporting(f"{url}/v1", Tokens(token(datetime.now(UTC) + timedelta(hours=1))))


def held(stand_in: RealPageReportsStandIn, number: int, at: datetime) -> str:
    """An instance that is ready, as if somebody had asked for it then."""
    name = f"1-{number}-{number}"
    document = {"sourceReportInstanceId": name, "reportFileId": number, "status": READY, "reportId": REPORT.id}
    stand_in.store.put(Record("instance", "", name, {**document, "createdDate": ""}, at.timestamp()))
    return name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mine=st.integers(1, 12),
    others=st.integers(0, 30),
    page=st.integers(1, 25),
    born=st.lists(st.booleans(), max_size=9),
)
def test_no_instance_is_missed_however_the_list_is_paged(
    server: tuple[RealPageReportsStandIn, str], mine: int, others: int, page: int, born: list[bool]
) -> None:
    stand_in, url = server
    for row in stand_in.store.select("instance"):
        stand_in.store.remove("instance", "", row[0])
    since = datetime.now(UTC)
    names = {held(stand_in, number, since + timedelta(seconds=number % 5)) for number in range(mine)}
    for number in range(others):
        held(stand_in, 100 + number, since + timedelta(seconds=number))
    births = iter(born)

    def before(_: object) -> None:
        if next(births, False):  # somebody asks for a report between two pages
            count = stand_in.store.count("instance")
            held(stand_in, 500 + count, datetime.now(UTC) + timedelta(seconds=count))

    stand_in.before = before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "_PAGE", page)
        assert set(reporting(url).instances(names, since)) == names


def test_a_report_goes_through_its_states(server: tuple[RealPageReportsStandIn, str]) -> None:
    stand_in, url = server
    api, since = reporting(url), datetime.now(UTC)
    instance = api.create(REPORT, ONE, TOLD)
    assert instance.count("-") == 2
    statuses, found = [], api.instances({instance}, since)[instance]
    with pytest.raises(SourceError, match="bytes, which is no report"):
        api.download(REPORT, ONE, instance, "7310014")
    while found.status != READY:
        assert found.file_id == ""
        statuses.append(found.status)
        found = api.instances({instance}, since)[instance]
    assert statuses == [2]
    assert instance.split("-")[1] != found.file_id
    assert api.download(REPORT, ONE, instance, found.file_id) == b"x" * 600
    with pytest.raises(SourceError, match="bytes, which is no report"):
        api.download(REPORT, ONE, "0-0-0", found.file_id)
    stand_in.is_open = True
    assert api.download(REPORT, ONE, "0-0-0", found.file_id)


def test_an_instance_older_than_the_list_begins_is_not_on_it(server: tuple[RealPageReportsStandIn, str]) -> None:
    stand_in, url = server
    now = datetime.now(UTC)
    held(stand_in, 1, now - timedelta(days=3))
    held(stand_in, 2, now - timedelta(hours=20))
    assert set(reporting(url).instances({"1-1-1", "1-2-2"}, now)) == {"1-2-2"}


def test_what_a_report_is_asked_with_is_checked(server: tuple[RealPageReportsStandIn, str]) -> None:
    _, url = server
    api = reporting(url)
    with pytest.raises(SourceError, match="400: Invalid parameters"):
        api.create(REPORT, ONE, {"End_Date": "01/15/2026"})
    with pytest.raises(SourceError, match="400: Invalid property"):
        api.create(REPORT, ANOTHER, TOLD)


def test_a_stand_in_elsewhere_can_be_told_to_let_tokens_die(server: tuple[RealPageReportsStandIn, str]) -> None:
    _, url = server
    api, since = reporting(url), datetime.now(UTC)
    told = Api("test", url).send("POST", "_stand_in/expire", json={"after": 2}).json()
    for _ in range(2):
        api.instances(set(), since)
    with pytest.raises(SourceError, match="is refused already"):
        api.instances(set(), since)
    Reporting(f"{url}/v1", Tokens(told["next"])).instances(set(), since)
