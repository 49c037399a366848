"""The page of `headwater report`: real HTML, whole in one file, places and never values, of bounded size.

The tables it reads are made here, empty, with the columns their models declare. Does not belong here: whether the
reconciliation finds what it must (`models/test_reconciliation.py`).
"""

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from orchestration import build_state, reconciliation
from orchestration.project import DBT_PROJECT
from orchestration.report import page

CANARY = "Kanarienvogel"
AS_OF = "2026-11-01"
SECTIONS = ["failing", "entities", "coverage", "checks", "findings", "orphans", "fields", "accepted", "marts"]
VOID = {"meta", "link", "input", "wbr", "rect", "line"}
Connection = psycopg.Connection[Any]


class Html(HTMLParser):
    """The elements of a page, and whatever is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID or (tag == "rect" and not self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


@pytest.fixture
def scratch(empty_database: str) -> Any:
    """A warehouse in which the models of the reconciliation were built, and found nothing."""
    folder = DBT_PROJECT / "models" / "reconciliation"
    models = yaml.safe_load((folder / "_reconciliation__models.yml").read_text())["models"]
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("create schema reconciliation; create schema seeds; create schema marts")
        for model in models:
            columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
            connection.execute(f"create table reconciliation.{model['name']} ({columns})")
        connection.execute(
            "create table seeds.recon_exceptions (check_name text, table_name text, column_name text, key_pattern text,"
            " applies_to text, reason text, owner_role text, expires_on date)"
        )
        build_state.record(connection, build_state.BuildState("code", AS_OF, {}))
        count(connection, "agent", 40, 40)
        covered(connection, "agent", "mapped", 40)
        checked(connection, "missing_records", "agent")
        checked(connection, "field_mismatches", "agent")
        yield connection


def insert(connection: Connection, table: str, **values: Any) -> None:
    names = ", ".join(values)
    marks = ", ".join(f"%({name})s" for name in values)
    connection.execute(f"insert into {table} ({names}) values ({marks})", values)


def count(connection: Connection, entity: str, v1: int, v2: int) -> None:
    told = {"v1_count": v1, "v2_count": v2, "missing": max(0, v1 - v2), "extra": max(0, v2 - v1)}
    status = "complete" if v1 == v2 else "incomplete"
    insert(connection, "reconciliation.recon_entity_counts", entity=entity, status=status, **told)


def covered(connection: Connection, table: str, coverage: str, rows: int | None, note: str | None = None) -> None:
    told = {"v1_table": table, "coverage": coverage, "v1_rows": rows, "note": note}
    insert(connection, "reconciliation.recon_table_coverage", **told)


def checked(connection: Connection, check: str, table: str, failing: int = 0, accepted: int = 0) -> None:
    told = {"check_name": check, "table_name": table, "failing_rows": failing, "accepted": accepted}
    severity = "warn" if check == "dead_paths" else "error"
    insert(connection, "reconciliation.recon_summary", **told, passed=failing == 0, severity=severity)


def differs(connection: Connection, check: str, table: str, key: str, column: str | None, **more: Any) -> None:
    told = {"check_name": check, "table_name": table, "key": key, "column_name": column, "accepted": False}
    values = {"v1_value": CANARY, "v2_value": CANARY}
    insert(connection, "reconciliation.recon_differences", **(told | values | more))


def rendered(connection: Connection) -> str:
    return page.render(page.collect(connection) | {"world": "sandbox at scale 0.01"})


def full_page(connection: Connection) -> str:
    """A page with findings of every kind, whose values are canaries."""
    count(connection, "user", 12, 11)
    covered(connection, "user", "merged", 12)
    covered(connection, "old_logs", "deprecated", 100_000, "Logs of an app that is gone")
    covered(connection, "riddle", "unmapped", None)
    checked(connection, "field_mismatches", "user", failing=3)
    checked(connection, "missing_records", "user", failing=1)
    checked(connection, "orphan_references", "user", accepted=1)
    checked(connection, "rejected_values", "agent", accepted=1)
    checked(connection, "unmapped_fields", "user", failing=1, accepted=1)
    checked(connection, "dead_paths", "user", failing=1)
    differs(connection, "missing_records", "user", "12", None, kind="missing")
    for key in ("3", "10", "jane.doe@example.com"):
        differs(connection, "field_mismatches", "user", key, "email", kind="real")
    accepted = {"accepted": True, "reason": "Planted: <b>no such</b> team"}
    differs(connection, "orphan_references", "user", "7", "team_id", kind="orphan", **accepted)
    differs(connection, "rejected_values", "agent", "12", "birthdate", kind="rejected", accepted=True, reason="Words")
    connection.execute(
        f"""
        insert into reconciliation.recon_missing_records (table_name, key, v1_payload)
        values ('user', '12', '{{"email": "{CANARY}"}}');
        insert into reconciliation.recon_orphan_references
            (table_name, key, column_name, dangling_value, references_table, accepted)
        values ('user', '7', 'team_id', '{CANARY}', 'team', true)
        """
    )
    connection.execute(
        """
        insert into reconciliation.recon_unmapped_fields
            (v1_table, json_path, check_name, documents, accepted, reason)
        values
            ('user', 'legacy_score', 'unmapped_fields', 1, true, 'Left over'),
            ('user', 'jane.doe@example.com', 'unmapped_fields', 2, false, null),
            ('user', 'misspelt', 'dead_paths', 0, false, null);
        insert into seeds.recon_exceptions values
            ('rejected_values', 'agent', 'birthdate', '12', 'sandbox', 'Words', 'data-engineering', '2026-11-15'),
            ('unmapped_fields', 'user', 'legacy_score', null, 'everywhere', 'Left over', 'operations', '2029-12-31'),
            ('rejected_values', 'agent', 'title', null, 'everywhere', 'Titles', 'operations', '2029-12-31'),
            ('rejected_values', 'agent', 'city', null, 'everywhere', 'Cities', 'operations', '2026-10-31');
        insert into reconciliation.recon_aggregation_status
            (mart, measure, rows, source_total, mart_total, difference, status, built_at)
        values
            ('agg_agent_monthly', 'closed_units', 3, 1510.000000, 1510.000000, 0.000000, 'tied out', now()),
            ('agg_leaderboard', 'volume', 3, 10.50, 9.25, 1.25, 'differs', now()),
            ('agg_fub_activity', 'calls_made', 0, null, null, null, 'empty', null);
        create table marts.agg_agent_monthly (agent_id bigint, month date, closed_units bigint, closed_volume numeric);
        insert into marts.agg_agent_monthly values
            (1, '2026-09-01', 2, 800000), (2, '2026-09-01', 1, 450000.50), (1, '2026-10-01', 0, null)
        """
    )
    return rendered(connection)


def test_the_page_is_real_html(scratch: Connection) -> None:
    """Every element is closed in its turn, every id is there once, every link inside the page leads somewhere."""
    html = Html(full_page(scratch))
    assert (html.wrong, html.open) == ([], [])
    ids = [attributes["id"] for _, attributes in html.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    targets = [link["href"] for link in html.all("a")]
    assert {f"#{section}" for section in SECTIONS} <= set(targets)
    assert [target for target in targets if target[1:] not in ids] == []


def test_the_page_can_be_heard(scratch: Connection) -> None:
    """A language, one h1, headings with a scope, controls inside labels, charts that say what they show."""
    text = full_page(scratch)
    html = Html(text)
    assert html.all("html") == [{"lang": "en"}]
    assert [tag for tag, _ in html.elements].count("h1") == 1
    assert all(attributes.get("scope") for attributes in html.all("th"))
    assert len(re.findall(r"<label>[^<]*<(?:input|select)", text)) == len(html.all("input")) + len(html.all("select"))
    assert all(svg.get("aria-hidden") or svg.get("aria-label") for svg in html.all("svg"))
    assert all(attributes.get("aria-label") for _, attributes in html.elements if attributes.get("role") == "region")


def test_the_page_asks_nobody_for_anything(scratch: Connection) -> None:
    """No address in it leads outside, and the browser is told to load nothing and to run only what is ours."""
    text = full_page(scratch)
    html = Html(text)
    assert not re.search(r"https?:|//\w|@import|url\(", re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    assert {link["href"] for link in html.all("link")} == {"data:,"}
    assert [attributes for attributes in html.all("script") if attributes] == []
    used = {name for _, attributes in html.elements for name in attributes}
    assert not {name for name in used if name.startswith("on") or name == "style"}
    (policy,) = [meta["content"] for meta in html.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL)
        assert f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'" in policy


def test_the_page_shows_no_value(scratch: Connection) -> None:
    """Values of records, in every column that holds one, stay in the warehouse; so do keys that look like people."""
    text = full_page(scratch)
    assert CANARY.lower() not in text.lower()
    assert "jane.doe" not in text
    assert Html(text).words.count("(not shown)") == 3  # a key, and a path in both of its lists


def test_the_page_takes_text_as_text(scratch: Connection) -> None:
    """Markup in somebody's reason is shown, not followed."""
    text = full_page(scratch)
    assert "<b>no such</b>" not in text
    assert "Planted: <b>no such</b> team" in Html(text).words


@pytest.mark.parametrize(
    "words",
    [
        "✗ fail",
        "5 findings nobody accepted, in 3 of 8 checks; 1 total of a mart differs from its entities.",
        "tie out agg_leaderboard volume 1 0 error",
        "As of 2026-11-01",
        "sandbox at scale 0.01",
        "Rows landed from V1 100,052",
        "Rows in V2 51",
        "V1 tables covered 3 of 4",
        "field mismatches user 3 not accepted",
        "email real 3 10 (not shown) not accepted",
        "the whole row missing 12 not accepted",
        "user team_id team 1 1 7",
        "user legacy_score 1 accepted Left over",
        "user misspelt not accepted",
        "rejected values agent birthdate 12 expires soon in the sandbox only 1 2026-11-15 Words data-engineering",
        "rejected values agent title all unused 0 2029-12-31",
        "rejected values agent city all expired 0 2026-10-31",
        "unmapped fields user legacy_score all in use 1 2029-12-31",
        "agg_agent_monthly closed units 1,510 1,510 0 tied out",
        "agg_leaderboard volume 10.50 9.25 1.25 differs",
        "agg_fub_activity calls made not known not known not known empty",
        "2026-09 3 1,250,000.50",
        "2026-10 0 not known",
    ],
)
def test_what_the_page_says(words: str, told: str) -> None:
    """Verdict, counts, places and reasons, as planted."""
    assert words in told


@pytest.fixture
def told(scratch: Connection) -> str:
    text = full_page(scratch)
    # Cells beside each other are words beside each other.
    return Html(re.sub(r"(</t[dh]>|</d[dt]>|</span>|</summary>|<b>|</b>)", r"\1 ", text)).words


def test_what_fails_comes_first(scratch: Connection) -> None:
    """The failing checks lead the list, errors before warnings, the most findings first; the first is open."""
    text = full_page(scratch)
    findings = re.findall(r'<details class="finding" id="f-([^"]+)"[^>]*?( open)?>', text)
    assert [name for name, _ in findings] == [
        "field_mismatches-user",
        "missing_records-user",
        "unmapped_fields-user",
        "dead_paths-user",
        "orphan_references-user",
        "rejected_values-agent",
    ]
    assert [name for name, is_open in findings if is_open] == ["field_mismatches-user"]


def test_a_page_without_findings(scratch: Connection) -> None:
    """Where nothing differs, nothing is accepted and no mart is built, the page says so, and passes."""
    text = rendered(scratch)
    html = Html(text)
    assert (html.wrong, html.open) == ([], [])
    assert "✓ pass No row and no value of V1 is lost." in html.words
    assert "Nothing fails" in html.words
    assert "There is no mart to tie out yet." in html.words
    assert "<figure>" not in text


def test_a_warning_alone_passes(scratch: Connection) -> None:
    """A dead path is listed under what fails, and does not break the verdict."""
    checked(scratch, "dead_paths", "user", failing=1)
    words = Html(rendered(scratch)).words
    assert "✓ pass" in words
    assert "dead paths" in words.split("What fails")[1].split("Rows of V1")[0]


def test_an_unfinished_build_has_no_day(scratch: Connection) -> None:
    """While a build is under way or broken, nobody knows for which day the tables stand."""
    build_state.record(scratch, None)
    assert "<dt>As of</dt><dd>not known: the last build is not complete</dd>" in rendered(scratch)


def test_a_mart_that_does_not_tie_out_fails(scratch: Connection) -> None:
    """A total that differs from its entities fails the verdict on its own, and is listed under what fails."""
    told = {"mart": "agg_leaderboard", "measure": "volume", "mart_total": 9.25, "status": "differs"}
    insert(scratch, "reconciliation.recon_aggregation_status", **told)
    words = Html(rendered(scratch)).words
    assert "✗ fail 1 total of a mart differs from its entities." in words
    assert "agg_leaderboard" in words.split("What fails")[1].split("Rows of V1")[0]


@pytest.mark.parametrize("missing", ["recon_summary", "recon_table_coverage", "recon_aggregation_status"])
def test_an_unbuilt_warehouse_is_one_line(missing: str, scratch: Connection) -> None:
    """Without the models, or with those of an older version only, the error says what to run."""
    scratch.execute(f"drop table reconciliation.{missing}")
    with pytest.raises(reconciliation.ReconciliationError, match="run `headwater run` first"):
        page.collect(scratch)


def test_a_comparison_of_nothing_is_no_pass(scratch: Connection) -> None:
    """A page that says pass has compared something."""
    scratch.execute("truncate reconciliation.recon_summary")
    with pytest.raises(reconciliation.ReconciliationError, match="Nothing was compared"):
        page.collect(scratch)


def test_the_page_stays_small_when_everything_differs(scratch: Connection) -> None:
    """However many rows, tables and paths differ, the page stays below 3 MB and each check keeps an example."""
    scratch.execute(
        """
        insert into reconciliation.recon_differences (table_name, key, column_name, check_name, kind, accepted, reason)
        select
            'a_table_with_quite_a_long_name_' || number % 150,
            repeat('1234567/', 9) || number,
            'a_column_with_quite_a_long_name_' || number % 977,
            (array['missing_records', 'extra_records', 'field_mismatches', 'orphan_references', 'rejected_values',
                'duplicate_keys', 'contract_violations'])[1 + number % 7],
            'real',
            number % 2 = 0,
            repeat('a reason of many words ', 5) || number % 50
        from generate_series(1, 100000) as number;
        insert into reconciliation.recon_summary (check_name, table_name, passed, failing_rows, severity, accepted)
        select check_name, table_name, false, count(*), 'error', 1
        from reconciliation.recon_differences
        group by 1, 2;
        insert into reconciliation.recon_unmapped_fields (v1_table, json_path, check_name, documents, accepted)
        select 'a_table_' || number % 250, repeat('a_long_path.', 10) || number, check_name, number, false
        from generate_series(1, 5000) as number
        cross join unnest(array['unmapped_fields', 'dead_paths']) as check_name;
        insert into reconciliation.recon_orphan_references (table_name, key, column_name, references_table, accepted)
        select 'a_table_' || number % 150, number, 'a_column_' || number % 977, 'agent', false
        from generate_series(1, 50000) as number
        """
    )
    text = rendered(scratch)
    assert len(text.encode()) < 3_000_000
    assert text.count('<details class="finding"') == 1050
    assert "Too much differs" not in text


def test_the_real_reconciliation_as_a_page(
    headwater: Callable[..., int], warehouse: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`headwater report` compares what stands now, prints verdict and path, and shows where a value differs."""
    output = tmp_path / "deep" / "page.html"
    with psycopg.connect(warehouse, autocommit=True) as v2:
        (city,) = v2.execute("select city from v2.agent where id = 40").fetchone()
        v2.execute("update v2.agent set city = %s where id = 40", [CANARY])
        try:
            assert headwater("report", "--output", str(output)) == 0
        finally:
            v2.execute("update v2.agent set city = %s where id = 40", [city])
    assert capsys.readouterr().out == f"verdict: fail\n{output}\n"
    text = output.read_text()
    assert CANARY not in text
    assert re.search(r'<th scope="row">city</th><td>real</td><td><code>40</code>', text)
    assert headwater("report") == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "verdict: pass"
    assert "sandbox at scale 0.01" in Path(printed[1]).read_text()


def test_a_page_that_cannot_be_written_is_one_line(
    headwater: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder in the page's place is named, without a traceback."""
    assert headwater("report", "--output", str(tmp_path)) == 1
    assert capsys.readouterr().err == f"headwater: The page {tmp_path} cannot be written: Is a directory.\n"
