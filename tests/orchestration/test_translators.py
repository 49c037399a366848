"""How dbt's nodes are named and grouped in Dagster."""

from typing import Any

import pytest
from dagster import AssetKey

from orchestration.translators import HeadwaterDbtTranslator

NODE = {"schema": "v2", "name": "agent", "alias": "agent", "config": {"group": "agent"}}


@pytest.mark.parametrize(
    ("node", "key"),
    [
        (NODE, ["v2", "agent"]),
        ({**NODE, "alias": "agents"}, ["v2", "agents"]),
        ({"schema": "staging_v1", "name": "agent"}, ["staging_v1", "agent"]),
    ],
    ids=["model", "model under another name", "source"],
)
def test_a_key_is_schema_and_table(node: dict[str, Any], key: list[str]) -> None:
    """What is found in Dagster is found in the database under the same name."""
    assert HeadwaterDbtTranslator().get_asset_key(node) == AssetKey(key)


@pytest.mark.parametrize(
    ("config", "group"),
    [
        ({"group": "agent"}, "agent"),
        ({"group": None, "meta": {"group": "team"}}, "team"),
        ({"group": "agent", "meta": {"group": "team"}}, "agent"),
        ({}, "reference"),
    ],
    ids=["model", "source", "both", "seed"],
)
def test_a_group_is_the_domain(config: dict[str, Any], group: str) -> None:
    """The model's group, else the source's own; what has none is reference data."""
    assert HeadwaterDbtTranslator().get_group_name({**NODE, "config": config}) == group
