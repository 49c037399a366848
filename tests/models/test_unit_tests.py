"""dbt's own unit tests: rules on rows small enough to check by hand.

Belongs here: that they run and pass. Does not belong here: the cases (`dbt_project/models/**/_*__unit_tests.yml`).
"""

import json
from collections.abc import Callable

from orchestration.project import dbt_target


def test_the_rules_hold_on_the_cases_worked_out_by_hand(headwater: Callable[..., int]) -> None:
    """Every unit test of the dbt project passes, and there are some."""
    assert headwater("exec", "--", "dbt", "test", "--select", "test_type:unit") == 0
    results = json.loads((dbt_target() / "run_results.json").read_text())["results"]
    cases = [result["status"] for result in results if result["unique_id"].startswith("unit_test.")]
    assert len(cases) >= 7
    assert set(cases) == {"pass"}
