"""A mart's lookup: one team's board of the year, in the order of a rank.

The mart answers with one index scan. Told besides: what Postgres takes to plan and run it (`explain analyze`), and
the whole question and answer over one connection, against a bare `select 1` and against the same question asked of
the entities the mart is made of.

Belongs here: asking. Does not belong here: that the plan uses the index, which is a test
(tests/models/test_leaderboard_lookup.py).
"""

import statistics
import time
from typing import Any

import psycopg

BOARD = """
select agent_id, units, volume, gci, rank_units, rank_volume, rank_gci
from marts.agg_leaderboard
where time_period = 'ytd' and status = 'closed' and team_id = 1
order by rank_units
limit 20
"""
FROM_THE_ENTITIES = """
select
    credit.agent_id,
    sum(credit.units) as units,
    sum(credit.volume) as volume,
    sum(credit.gross_commission) as gci,
    rank() over (order by sum(credit.units) desc nulls last) as rank_units,
    rank() over (order by sum(credit.volume) desc nulls last) as rank_volume,
    rank() over (order by sum(credit.gross_commission) desc nulls last) as rank_gci
from v2.transaction_participants as credit
inner join v2.transaction as deals on deals.id = credit.transaction_id
inner join v2.agent as agents on agents.id = credit.agent_id
where credit.units is not null and deals.status = 'Closed' and agents.team_id = 1
    and deals.closing_date >= timestamptz '2026-01-01 00:00 America/Chicago'
    and deals.closing_date < timestamptz '2026-11-02 00:00 America/Chicago'
group by credit.agent_id
order by rank_units
limit 20
"""
_ROUNDS = 300
_ROUNDS_OF_THE_ENTITIES = 15


def measure(warehouse_url: str) -> list[tuple[str, ...]]:
    """Measure and return table rows: what, reference, our median, its median, ratio, peak memory."""
    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        board = _asked(connection, BOARD, _ROUNDS)
        nothing = _asked(connection, "select 1", _ROUNDS)
        entities = _asked(connection, FROM_THE_ENTITIES, _ROUNDS_OF_THE_ENTITIES)
        in_server = statistics.median(_in_server(connection, BOARD) for _ in range(_ROUNDS))
        same_in_server = statistics.median(_in_server(connection, FROM_THE_ENTITIES) for _ in range(15))
    name = "a team's leaderboard"
    return [
        (name, "select 1", _shown(board), _shown(nothing), f"{board / nothing:.1f}", ""),
        (name, "the same of the entities", _shown(board), _shown(entities), f"{board / entities:.4f}", ""),
        (
            f"{name}, in the server",
            "the same of the entities",
            _shown(in_server),
            _shown(same_in_server),
            f"{in_server / same_in_server:.4f}",
            "",
        ),
    ]


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _asked(connection: psycopg.Connection, query: str, rounds: int) -> float:
    """Median seconds from the question to the last row of the answer."""
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        connection.execute(query, prepare=False).fetchall()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def _in_server(connection: psycopg.Connection, query: str) -> float:
    """Seconds that Postgres plans and runs."""
    (answer,) = connection.execute(f"explain (analyze, timing off, format json) {query}").fetchone() or ([{}],)
    plan: dict[str, Any] = answer[0]
    return float(plan["Planning Time"] + plan["Execution Time"]) / 1000
