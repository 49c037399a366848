"""The extraction macro against plain Python, over JSON values nobody would expect in a column.

Belongs here: properties of `macros/engine/extraction.sql`. Does not belong here: which column follows which rule.
"""

import json
import string
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import values

from orchestration.dbt_build import invoke

COLUMNS: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "as_text": ("text", "direct", values.text),
    "as_lower": ("text", "lower", values.lower),
    "as_bigint": ("bigint", "direct", values.bigint),
    "as_integer": ("integer", "direct", values.integer),
    "as_reference": ("bigint", "null_if_zero", values.nonzero),
    "as_money": ("numeric(14,2)", "direct", values.money),
    "as_percent": ("numeric(9,6)", "percent", values.percent),
    "as_boolean": ("boolean", "direct", values.boolean),
    "as_flag": ("boolean", "object_or_bool", values.object_or_bool),
    "as_date": ("date", "direct", values.day),
    "as_moment": ("timestamptz", "epoch_ms", values.moment),
    "as_json": ("jsonb", "direct", values.jsonb),
    "as_digits": ("integer", "digits", values.digits),
}
"""Column: type, rule, and what Python makes of the same value."""

# jsonb holds no NUL and no lone surrogates; V1 is a jsonb database too.
characters = st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00")
awkward = st.sampled_from(
    "|  |0|00|-0|+7| 12 |12.5|1e3|1_000|0x1F|NaN|Infinity|1,200.50|30%|true| TRUE |False|yes|t|1|today|now|01/02/2024"
    "|2024-02-30|2024-02-29|2024-2-9| 2024-12-31 |0000-01-01|infinity|null|{}|[]|Tier 3|99999999999999999999|ß É".split(
        "|"
    )
)
numbers = st.one_of(
    st.integers(-(10**20), 10**20),
    st.decimals(-(10**15), 10**15, allow_nan=False, places=4),
    st.sampled_from([0, 1767225600000, 253402300799999, 10**30, Decimal("0.000049"), Decimal("999.9999999")]),
)
texts = st.one_of(awkward, st.text(characters, max_size=12), st.text(string.digits + ".-+eE ", max_size=8))
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(characters, max_size=4), inner, max_size=3),
)


def as_json(value: Any) -> str:
    """JSON with decimals written out, which json.dumps cannot."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{as_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(as_json, value)) + "]"
    return json.dumps(value)


@pytest.fixture(scope="module")
def extraction(warehouse: str) -> Iterator[tuple[psycopg.Connection, str]]:
    """A connection with an empty table of documents, and the SQL the macro makes for it."""
    columns = ", ".join(
        f"helper_column('{name}', '{type_}', 'v', '{rule}')" for name, (type_, rule, _) in COLUMNS.items()
    )
    relation = "api.Relation.create(schema='extraction', identifier='documents')"
    compiled = invoke(["compile", "--inline", "{{ extract(" + relation + ", [" + columns + "]) }}"])
    with psycopg.connect(warehouse) as connection:
        connection.execute("set timezone to 'UTC'")
        connection.execute("create schema extraction")
        connection.execute("create table extraction.documents (key text, payload jsonb)")
        yield connection, compiled[0].node.compiled_code
        connection.rollback()


@given(st.lists(anything, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_value_is_typed_or_null_and_never_an_error(
    extraction: tuple[psycopg.Connection, str], found: list[Any]
) -> None:
    """Every rule gives for every JSON value what Python gives: a value of the type or null, never an error."""
    connection, query = extraction
    connection.execute("truncate extraction.documents")
    with connection.cursor() as cursor:
        documents = [(str(key), '{"v": ' + as_json(value) + "}") for key, value in enumerate(found)]
        cursor.executemany("insert into extraction.documents values (%s, %s)", documents)
        cursor.execute(f"select * from ({query}) as extracted order by key")
        names = [column.name for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
    for value, row in zip(found, rows, strict=True):
        raw = json.loads(as_json(value), parse_float=Decimal)
        expected = {name: convert(raw) for name, (_, _, convert) in COLUMNS.items()}
        actual = {name: row[name] for name in COLUMNS}
        # psycopg reads jsonb's numbers as floats; what is compared here is the structure.
        expected["as_json"] = json.loads(as_json(expected["as_json"]))
        assert actual == expected, raw
