"""Names out of V1 and into SQL: small functions, every text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.postgres import quoted
from connectors.v1.source import landing_name


@pytest.mark.parametrize(
    ("human", "name"),
    [
        ("user", "user"),
        ("Team Roster", "team_roster"),
        ("  State / Province ", "state_province"),
        ("webhook-log (uuid)", "webhook_log_uuid"),
        ("2022 import", "mvpw1_9"),
        ("名前", "mvpw1_9"),
        ("", "mvpw1_9"),
        (None, "mvpw1_9"),
    ],
)
def test_a_table_lands_under_its_human_name(human: str | None, name: str) -> None:
    """Snake case of Xano's name; a name that gives none leaves Xano's own."""
    assert landing_name("mvpw1_9", human) == name


@given(st.text() | st.none())
def test_a_landing_name_needs_no_quotes(human: str | None) -> None:
    """Whatever people call a table in Xano, its landing name is plain, and naming it again changes nothing."""
    name = landing_name("mvpw1_9", human)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert landing_name("mvpw1_9", name) == name


@pytest.mark.parametrize(
    ("names", "identifier"),
    [
        (("user",), '"user"'),
        (("staging_v1", "user"), '"staging_v1"."user"'),
        (('a"b',), '"a""b"'),
        (("a.b", ""), '"a.b".""'),
    ],
)
def test_quoting(names: tuple[str, ...], identifier: str) -> None:
    """Reserved words, dots and quotes stay inside one identifier."""
    assert quoted(*names) == identifier


@given(st.lists(st.text(), min_size=1))
def test_quoting_can_be_undone(names: list[str]) -> None:
    """No name ends its own quotes: what was quoted is found again."""
    parts = re.findall(r'"((?:[^"]|"")*)"(?:\.|\Z)', quoted(*names), flags=re.DOTALL)
    assert [part.replace('""', '"') for part in parts] == names
