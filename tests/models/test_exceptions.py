"""Which lines of seeds/recon_exceptions.csv count where."""

import pytest

from orchestration.dbt_build import invoke


@pytest.mark.parametrize(("world", "is_limited"), [("production", True), ("sandbox", False)])
def test_planted_faults_are_accepted_in_the_sandbox_only(
    world: str, is_limited: bool, environment: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a V1 of one's own, an exception for the sandbox must not accept a real difference by accident."""
    monkeypatch.setenv("HEADWATER_WORLD", world)
    compiled = invoke(["compile", "--inline", "{{ join_exceptions('found') }}"])[0].node.compiled_code
    assert ("listed.applies_to = 'everywhere'" in compiled) == is_limited
