"""One account's way into reZEN: its settings, its pace, the agent its key acts as.

Belongs here: what a request needs. Does not belong here: what is asked for (`connectors/rezen/source.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dlt.common.configuration import with_config

from connectors.rest import Api, SourceError
from connectors.rezen.paging import Row
from connectors.sync import Account


@dataclass(frozen=True)
class Settings:
    """What the configuration says of reZEN."""

    arrakis_url: str
    yenta_url: str
    requests_per_second: float
    check_totals: bool
    accounts: list[Mapping[str, Any]]


@with_config(sections=("sources", "rezen"))
def settings(
    arrakis_url: str = "https://arrakis.therealbrokerage.com/api/v1",
    yenta_url: str = "https://yenta.therealbrokerage.com/api/v1",
    requests_per_second: float = 5.0,
    check_totals: bool = True,
    accounts: list[Any] | None = None,
) -> Settings:
    """Read the configuration, section `sources.rezen`.

    Args:
        arrakis_url: host of deals and revenue share.
        yenta_url: host of agents and networks.
        requests_per_second: at most so many, an account; reZEN publishes no limit.
        check_totals: hold what was read against reZEN's own counts.
        accounts: `name` (the number of the V2 user) and `api_key` of each; without any, V2's own records name them.
    """
    return Settings(arrakis_url, yenta_url, requests_per_second, check_totals, accounts or [])


class _PacedApi(Api):
    """An API that is never asked faster than its pace."""

    def __init__(self, *arguments: Any, pace: Callable[[], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pace = pace

    def send(self, method: str, path: str, **options: Any) -> Any:
        """Wait for a place, then send."""
        self._pace()
        return super().send(method, path, **options)


def _pacer(per_second: float) -> Callable[[], None]:
    free_at = time.monotonic()

    def wait() -> None:
        nonlocal free_at
        now = time.monotonic()
        time.sleep(max(free_at - now, 0))
        free_at = max(free_at, now) + 1 / per_second

    return wait


class Client:
    """One account: both hosts, and the agent the key acts as."""

    def __init__(self, account: Account, configured: Settings) -> None:
        key = account.secrets["api_key"]
        pace = _pacer(configured.requests_per_second)
        headers = {"X-API-KEY": key}
        self.arrakis, self.yenta = (
            _PacedApi("rezen", url, headers=headers, secrets=(key,), pace=pace)
            for url in (configured.arrakis_url, configured.yenta_url)
        )
        self.check_totals = configured.check_totals
        try:
            self.me: Row = self.yenta.get("agents/me")
            self.agent_id = str(self.me["id"])
        except SourceError as error:
            # Without the agent nothing can be asked: whatever was refused here concerns all resources.
            raise SourceError(str(error)) from None
        except (KeyError, TypeError):
            raise SourceError("rezen: /agents/me names no agent: the API no longer answers by its contract") from None


def configured() -> list[Account] | None:
    """The accounts that the configuration names."""
    named = settings().accounts
    return [Account(str(one["name"]), {"api_key": str(one["api_key"])}) for one in named] or None
