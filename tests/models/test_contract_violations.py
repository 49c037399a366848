"""A value that breaks a model's declaration fails the verdict, as everything nobody accepted does."""

import psycopg
import pytest

from orchestration import reconciliation


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "update v2.agent set agent_status = 'RETIRED' where id = 1",
            ("agent", "1", "agent_status", "accepted_values"),
        ),
        ("update v2.network_member set tier = 9 where id = 2", ("network_member", "2", "tier", "accepted_values")),
        (
            "alter table v2.team alter team_name drop not null; update v2.team set team_name = null where id = 1",
            ("team", "1", "team_name", "not_null"),
        ),
    ],
)
def test_a_value_outside_the_declaration_is_named(
    change: str, expected: tuple[str, ...], planted: psycopg.Connection
) -> None:
    """Accepted values and not-nulls are checked beside V1's values, by key and column."""
    planted.execute(change)
    reconciliation.renew(planted)
    result = reconciliation.collect(planted)
    found = [(row["table"], row["key"], row["column"], row["kind"]) for row in result["contract_violations"]]
    assert (found, result["verdict"]) == ([expected], "fail")
