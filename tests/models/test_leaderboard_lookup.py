"""The leaderboard mart answers a board by one index scan, already in the board's order.

Belongs here: the plan, which holds at any scale. How long it takes is a benchmark (benchmarks/lookup.py).
"""

import psycopg
import pytest

from benchmarks.lookup import BOARD


@pytest.mark.parametrize("rank", ["rank_units", "rank_volume", "rank_gci"])
def test_a_board_is_one_index_scan(rank: str, warehouse: str) -> None:
    """Each rank has an index that finds the board and gives it in order: nothing is sorted."""
    query = BOARD.replace("order by rank_units", f"order by {rank}")
    with psycopg.connect(warehouse) as connection:
        # A table of a few pages is read whole, whatever indexes it has.
        connection.execute("set enable_seqscan = off")
        (plan,) = connection.execute(f"explain (format json) {query}").fetchone() or ([],)
    limit = plan[0]["Plan"]
    (scan,) = limit["Plans"]
    assert [limit["Node Type"], scan["Node Type"], scan.get("Plans")] == ["Limit", "Index Scan", None]
    assert all(name in scan["Index Cond"] for name in ("time_period", "status", "team_id"))


@pytest.mark.parametrize("rank", ["rank_units", "rank_volume", "rank_gci"])
def test_a_board_comes_in_the_order_of_its_rank(rank: str, warehouse: str) -> None:
    """The index scan gives what sorting gives."""
    query = BOARD.replace("order by rank_units", f"order by {rank}")
    with psycopg.connect(warehouse) as connection:
        connection.execute("set enable_seqscan = off")
        cursor = connection.execute(query)
        names = [column.name for column in cursor.description or ()]
        ranks = [row[names.index(rank)] for row in cursor]
    assert ranks
    assert ranks == sorted(ranks)
