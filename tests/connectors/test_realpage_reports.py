"""RealPage's reports synced into Postgres: whole batches, what a second run asks for, tokens, what goes wrong."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from reports_server import KINDS, NAMES, PADDING, SITES, TODAY, Reports, file, reports

from connectors.document_store import Record
from connectors.errors import HeadwaterError
from connectors.realpage_reports.definitions import REPORTS, months_on
from connectors.realpage_reports.documents import SITE
from connectors.realpage_reports.properties import properties
from connectors.realpage_reports.source import SOURCE, configured
from connectors.realpage_reports.stand_in import token
from connectors.realpage_reports.tokens import Tokens, expires_at
from connectors.rest import SourceError
from connectors.stand_in import Fault

BOX, RENT_ROLL = REPORTS[0].id, REPORTS[1].id
ALL = {(site, kind) for site in SITES for kind in KINDS}


@pytest.fixture
def server(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reports]:
    with reports(empty_database, tmp_path, monkeypatch) as made:
        yield made


def test_a_first_run_lands_all_and_a_second_asks_for_nothing(server: Reports) -> None:
    assert server.sync().failures == []
    assert server.files_landed() == ALL
    asked = server.requests()
    assert (asked["create"], asked["download"]) == (18, 18)
    assert asked["look"] <= 3 * 4  # a batch is waited for together: not a look a report
    for kind in KINDS:
        assert len(server.rows(kind)) == 9
    (account, key, request), *_ = server.rows("rent_roll", "account, key, request")
    assert key == f"{request['file_id']}:Sheet1:{request['row']}"
    assert (request["report_date"], request["property_name"]) == ("2026-01-15", NAMES[account])
    assert request["parameters"]["HideAllPIIData"] == "1"
    outcome = server.sync()
    assert (outcome.failures, outcome.rows, server.requests()) == ([], {}, {"create": 0, "look": 0, "download": 0})


def test_the_next_day_is_asked_for_and_the_old_one_stays(server: Reports) -> None:
    server.sync()
    server.set(today="2026-01-16")
    server.files.days = dict.fromkeys(SITES, date(2026, 1, 16))
    assert server.sync().failures == []
    assert server.requests()["create"] == 18
    days = server.rows("files", "payload ->> 'report_date', deleted_at")
    assert sorted(days) == [("2026-01-15", None)] * 18 + [("2026-01-16", None)] * 18


def test_full_reads_the_day_again(server: Reports) -> None:
    server.sync()
    assert server.sync(full=True).failures == []
    assert server.requests()["create"] == 18
    assert len(server.rows("files")) == 36


def test_the_first_activity_report_reaches_far_back(server: Reports) -> None:
    server.sync()
    server.set(today="2026-01-16")
    server.files.days = dict.fromkeys(SITES, date(2026, 1, 16))
    server.sync()
    begun = {row["startdate"] for (row,) in server.rows("activity", "request -> 'parameters'")}
    assert begun == {"01/01/2025", "12/01/2025"}
    assert months_on(date(2026, 1, 1), -13) == date(2024, 12, 1)


# Tokens.


@pytest.mark.parametrize("after", [0, 1, 5, 7, 9, 13, 18, 21, 27, 33])
def test_a_token_that_dies_in_the_batch_loses_nothing(server: Reports, after: int) -> None:
    server.server.expire_after = after
    outcome = server.sync()
    first = server.requests()
    kept = server.files_landed()
    assert first["download"] >= len(kept)
    assert 0 < len(outcome.failures) <= 3
    for line in outcome.failures:
        assert line.count("token expired") == 1
        assert "put a new one into SOURCES__REALPAGE_REPORTS__TOKEN and run again" in line
        account = line.split("account ")[1].split(":")[0]
        assert f"{sum(site == account for site, _ in kept)} of 6 reports are kept" in line
    instances = len(server.execute("select report from staging_realpage_reports.report_instances"))
    server.set(token=server.server.new_token())
    assert server.sync().failures == []
    assert server.files_landed() == ALL
    assert len(server.rows("files")) == 18  # none was fetched twice
    again = server.requests()
    assert again["create"] == 18 - instances  # nor asked for twice
    assert again["download"] == 18 - len(kept)
    assert set(server.state()) == {(site, name) for site in SITES for name in ("inbox", *KINDS)}
    assert {status for status, *_ in server.state().values()} == {"ready"}


def test_a_token_that_dies_in_the_middle_of_25_times_6(server: Reports) -> None:
    sites = [site.site_id for site in properties() if site.is_active]
    for site in sites:
        server.server.store.put(Record(SITE, "", site, {}))
    server.set(accounts=None)
    server.server.expire_after = 170
    assert len(server.sync().failures) <= len(sites) == 25
    kept = server.files_landed()
    assert 20 < len(kept) < 150
    server.set(token=server.server.new_token())
    assert server.sync().failures == []
    assert server.requests()["download"] == 150 - len(kept)
    assert len(server.rows("files")) == len(server.files_landed()) == 150


def test_a_token_file_is_read_anew_for_each_request(server: Reports, tmp_path: Path) -> None:
    place = tmp_path / "token"
    place.write_text(server.server.new_token())
    server.set(token=None, token_file=str(place))
    server.server.expire_after = 20

    def renew() -> None:
        written = place.with_suffix(".new")
        written.write_text(server.server.new_token())
        written.replace(place)  # in one go: others are reading it

    def renewed(_: object) -> None:
        if server.server.expire_after is None:
            renew()

    server.server.before = renewed
    died = server.sync().failures  # the request that met the dead token brought the new one too late for itself
    renew()
    assert all("token" in line and str(place) in line for line in died)
    assert server.sync().failures == []
    assert server.files_landed() == ALL


def test_a_new_token_in_the_file_is_taken_after_a_401(tmp_path: Path) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    place = tmp_path / "token"
    place.write_text(f"Bearer {token(soon)}\n")
    tokens = Tokens(file=place)
    assert tokens.current() == token(soon)
    with pytest.raises(SourceError, match="by its own word, and is refused already: put a new one into"):
        tokens.after_refusal()
    place.write_text(token(soon, 1))
    assert tokens.after_refusal() == token(soon, 1)


def test_an_expired_token_is_told_before_any_request(server: Reports) -> None:
    ended = datetime.now(UTC) + timedelta(seconds=30)  # clocks differ: that is as good as now
    server.set(token=token(ended))
    outcome = server.sync()
    assert server.requests() == {"create": 0, "look": 0, "download": 0}
    assert len(outcome.failures) == 3
    assert f"token expired at {ended:%Y-%m-%d %H:%M:%S} UTC" in outcome.failures[0]
    assert "0 of 6 reports are kept" in outcome.failures[0]


@pytest.mark.parametrize("text", ["abcdef", "ab.!!.ef", "ab.WzFd.ef"])
def test_what_is_no_token_is_said_without_it(text: str) -> None:
    with pytest.raises(SourceError, match="copy it whole into") as told:
        expires_at(text)
    assert text not in str(told.value)


def test_one_401_in_the_middle_is_said_and_mended_by_the_next_run(server: Reports) -> None:
    server.server.faults.append(Fault("files", 401, times=2))
    outcome = server.sync()
    assert any("refused already" in line for line in outcome.failures)
    assert server.sync().failures == []
    assert server.files_landed() == ALL


# What goes wrong with one report.


def test_a_report_that_never_gets_ready_fails_alone_and_is_waited_for_again(server: Reports) -> None:
    stuck = (SITES[0], RENT_ROLL)
    server.server.never_ready.add(stuck)
    outcome = server.sync()
    assert len(outcome.failures) == 1
    assert f"account {SITES[0]}: rent_roll: not ready after 6 looks" in outcome.failures[0]
    assert server.files_landed() == ALL - {(SITES[0], "rent_roll")}
    server.server.never_ready.clear()
    assert server.sync().failures == []
    assert server.requests()["create"] == 0  # it was the same instance that got ready
    assert server.files_landed() == ALL


def test_a_report_that_was_stuck_for_an_hour_is_asked_for_anew(server: Reports) -> None:
    server.server.never_ready.add((SITES[0], RENT_ROLL))
    server.sync()
    server.execute("update staging_realpage_reports.report_instances set asked_at = asked_at - interval '2 hours'")
    server.server.never_ready.clear()
    server.server.looks = 3
    assert server.sync().failures == []
    assert server.requests()["create"] == 1


def test_a_report_that_realpage_cannot_make_fails_alone_and_is_asked_for_anew(server: Reports) -> None:
    server.server.failing.add((SITES[1], BOX))
    (line,) = server.sync().failures
    assert "box_score: RealPage could not make the report" in line
    assert server.files_landed() == ALL - {(SITES[1], "box_score")}
    server.server.failing.clear()
    assert server.sync().failures == []
    assert server.requests()["create"] == 1


def test_an_end_date_that_is_too_late_is_tried_a_day_earlier(server: Reports) -> None:
    server.files.days = {SITES[0]: date(2026, 1, 14), SITES[1]: date(2026, 1, 12)}
    assert server.sync().failures == []
    assert server.requests()["create"] == 18 + 3 + 9  # three of the reports take an end date
    days = dict(server.rows("files", "account, payload ->> 'report_date'"))
    assert days == {SITES[0]: "2026-01-14", SITES[1]: "2026-01-12", SITES[2]: "2026-01-15"}
    server.sync()
    assert server.requests()["create"] == 0


def test_what_is_asked_for_by_month_is_asked_for_by_the_propertys_own(server: Reports) -> None:
    server.set(today="2026-02-01")
    server.files.days = {**dict.fromkeys(SITES, date(2026, 2, 1)), SITES[0]: date(2026, 1, 31)}
    assert server.sync().failures == []
    assert server.requests()["create"] == 18 + 6
    periods = server.rows("delinquency", "account, request -> 'parameters' ->> 'FiscalPeriod'")
    assert set(periods) == {(SITES[0], "012026"), (SITES[1], "022026"), (SITES[2], "022026")}
    assert len(server.rows("files")) == 18


def test_a_property_that_lags_too_far_is_an_error(server: Reports) -> None:
    server.files.days = {SITES[0]: date(2026, 1, 11)}
    (line,) = server.sync().failures
    assert "asked for as of 2026-01-15, and 3 days earlier" in line
    assert {kind for site, kind in server.files_landed() if site == SITES[0]} == {
        "delinquency",
        "monthly_summary",
        "lease_expirations",
    }


def test_a_file_that_cannot_be_read_is_rejected_and_fetched_anew(server: Reports) -> None:
    server.files.made[SITES[0], "activity"] = b"<html>" + PADDING.encode()
    (line,) = server.sync().failures
    assert "activity" in line
    assert "it is no workbook" in line
    ((account, payload),) = server.rows("rejected_files", "account, payload")
    assert (account, payload["report"], payload["source"]) == (SITES[0], "activity", "api")
    server.files.made.clear()
    assert server.sync().failures == []
    assert server.files_landed() == ALL
    assert server.rows("rejected_files", "deleted_at is not null") == [(True,)]


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [("activity", NAMES[SITES[0]], "not rent_roll"), ("rent_roll", NAMES[SITES[1]], f"not {NAMES[SITES[0]]}")],
)
def test_another_report_or_another_property_is_refused(server: Reports, kind: str, name: str, why: str) -> None:
    server.files.made[SITES[0], "rent_roll"] = file(kind, name)
    (line,) = server.sync().failures
    assert why in line
    assert (SITES[0], "rent_roll") not in server.files_landed()


def test_a_file_of_few_bytes_is_no_report(server: Reports) -> None:
    server.files.made[SITES[0], "activity"] = b"soon"
    (line,) = server.sync().failures
    assert "4 bytes, which is no report" in line


def test_a_site_that_is_refused_fails_alone(server: Reports) -> None:
    server.server.store.remove("site", "", SITES[0])
    (line,) = server.sync().failures
    assert line.count("400: Invalid property") == 6
    assert server.files_landed() == {(site, kind) for site, kind in ALL if site != SITES[0]}


def test_an_empty_property_counts_as_read(server: Reports) -> None:
    server.files.made[SITES[0], "delinquency"] = file("delinquency", NAMES[SITES[0]], rows=0)
    assert server.sync().failures == []
    server.sync()
    assert server.requests()["create"] == 0


def test_an_instance_that_is_gone_is_asked_for_anew(server: Reports) -> None:
    server.server.expire_after = 18
    server.sync()
    for row in server.server.store.select("instance"):
        server.server.store.remove("instance", "", row[0])
    server.set(token=server.server.new_token())
    assert server.sync().failures == []
    assert server.files_landed() == ALL


def test_the_server_failing_ends_an_account_and_keeps_what_came(server: Reports) -> None:
    server.server.faults.append(Fault("files", 500, times=1000))
    outcome = server.sync()
    assert len(outcome.failures) == 3
    assert all(line.count("0 of 6 reports are kept") == 1 for line in outcome.failures)
    server.server.faults.clear()
    assert server.sync().failures == []
    assert server.requests()["create"] == 0


# Settings.


def test_settings_that_lack_something_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured() is None
    monkeypatch.setenv("SOURCES__REALPAGE_REPORTS__TOKEN", "x")
    with pytest.raises(HeadwaterError, match="person_salt"):
        configured()
    monkeypatch.setenv("SOURCES__REALPAGE_REPORTS__PERSON_SALT", "x")
    assert len(configured() or []) >= 25
    monkeypatch.setenv("SOURCES__REALPAGE_REPORTS__ACCOUNTS", '[{"name": "12"}]')
    with pytest.raises(HeadwaterError, match=r"no site 12: add a row"):
        configured()


def test_every_resource_of_an_account_without_a_token_says_nothing(server: Reports, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    server.set(token=None, inbox=str(tmp_path / "inbox"))
    outcome = server.sync()
    assert (outcome.failures, outcome.rows) == ([], {})
    assert len(SOURCE.resources) == 7


def test_nothing_secret_is_shown(server: Reports) -> None:
    bad = token(datetime.now(UTC) + timedelta(hours=1)) + "x"
    server.set(token=bad)
    outcome = server.sync()
    assert len(outcome.failures) == 3
    assert bad not in orjson.dumps(outcome.failures).decode()
    assert TODAY.isoformat() not in bad
