"""Logging in to dotloop: OAuth tokens that are kept in the warehouse and renewed by one run at a time.

Belongs here: who holds which token. Does not belong here: what is read with it (`connectors/dotloop/source.py`).

A renewal kills the old access token at once, and may bring a new refresh token: one that got lost would lock the
account out. So the new pair is committed to `staging_dotloop.tokens` as soon as it is answered, whatever becomes of
the run, and a lock in the warehouse lets no two runs renew an account's tokens together.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from connectors.rest import Api, SourceError

TOKENS = "staging_dotloop.tokens"

_MARGIN = timedelta(minutes=1)
_LIMIT_RENEWS = 60.0
"""Seconds after which a limit of requests a minute has room again, whatever the answer leaves unsaid."""


@dataclass(frozen=True)
class Client:
    """The application that a brokerage registered at dotloop, and where it logs in."""

    auth_url: str
    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Tokens:
    """A pair of tokens, as kept in the warehouse."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime

    @property
    def is_alive(self) -> bool:
        """Is the access token good for at least another request?"""
        return self.expires_at > datetime.now(UTC) + _MARGIN


def prepare(connection: psycopg.Connection[Any]) -> None:
    """Create the table of tokens."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext('staging_dotloop'))")
        connection.execute(
            f"create table if not exists {TOKENS} (account text primary key, access_token text not null,"
            " refresh_token text not null, expires_at timestamptz not null, dotloop_account_id bigint)"
        )


def told_to_wait(headers: Mapping[str, str]) -> float:
    """Read how many seconds a limit lasts: dotloop tells it in milliseconds from now."""
    told = headers.get("X-RateLimit-Reset", "").strip()
    return int(told) / 1000 if re.fullmatch(r"\d+", told) else _LIMIT_RENEWS


class Login:
    """An account's login, and its way into the API.

    Args:
        account: its configured name.
        base_url: of the API.
        client: the application that logs in.
        refresh_token: the configured one, for a first run and for an account that was authorised anew.
        warehouse_url: where its tokens are kept.

    Raises:
        SourceError: dotloop refused to log it in.
    """

    def __init__(self, account: str, base_url: str, client: Client, refresh_token: str, warehouse_url: str) -> None:
        self.account = account
        self._url = warehouse_url
        self._configured = refresh_token
        self._secrets = (client.secret, refresh_token)
        basic = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
        self._auth = Api(
            "dotloop",
            client.auth_url,
            headers={"Authorization": f"Basic {basic}"},
            secrets=(*self._secrets, basic),
            wait=told_to_wait,
        )
        self.api = Api("dotloop", base_url, renew=self.renew, wait=told_to_wait)
        self._tokens: Tokens | None = None
        with psycopg.connect(self._url) as connection:
            kept = self._kept(connection)
        if kept and kept.is_alive:
            self._use(kept)
        else:
            self.renew()

    def renew(self) -> None:
        """Get new tokens, or take those that another run has got meanwhile.

        Raises:
            SourceError: dotloop refused.
        """
        with psycopg.connect(self._url) as connection:
            connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{TOKENS} {self.account}"])
            kept = self._kept(connection)
            if kept and kept.is_alive and kept != self._tokens:
                self._use(kept)
                return
            new = self._renewed(kept)
            connection.execute(
                f"insert into {TOKENS} as kept (account, access_token, refresh_token, expires_at)"
                " values (%s, %s, %s, %s) on conflict (account) do update set access_token = excluded.access_token,"
                " refresh_token = excluded.refresh_token, expires_at = excluded.expires_at",
                [self.account, new.access, new.refresh, new.expires_at],
            )
        self._use(new)

    def belongs_to(self, account_id: int) -> None:
        """Note which of dotloop's accounts this login turned out to be."""
        with psycopg.connect(self._url) as connection:
            connection.execute(
                f"update {TOKENS} set dotloop_account_id = %(id)s"
                " where account = %(account)s and dotloop_account_id is distinct from %(id)s",
                {"id": account_id, "account": self.account},
            )

    def _kept(self, connection: psycopg.Connection[Any]) -> Tokens | None:
        row = connection.execute(
            f"select access_token, refresh_token, expires_at from {TOKENS} where account = %s", [self.account]
        ).fetchone()
        return Tokens(*row) if row else None

    def _renewed(self, kept: Tokens | None) -> Tokens:
        """Log in by the refresh token that came last; where that is dead, by the configured one."""
        why = ""
        for refresh_token in dict.fromkeys([*([kept.refresh] if kept else []), self._configured]):
            try:
                return self._granted(refresh_token)
            except SourceError as error:
                if error.status not in {400, 401}:
                    raise
                why = str(error)
        raise SourceError(
            f"{why}; authorise the account again and put its new refresh token into sources.dotloop.accounts", 401
        )

    def _granted(self, refresh_token: str) -> Tokens:
        self._auth.secrets = (*self._auth.secrets, refresh_token)
        path = "oauth/token"
        asked = datetime.now(UTC)
        response = self._auth.send("POST", path, params={"grant_type": "refresh_token", "refresh_token": refresh_token})
        answer = self._auth.json(response, path)
        try:
            lasts = timedelta(seconds=int(answer["expires_in"]))
            return Tokens(str(answer["access_token"]), str(answer.get("refresh_token") or refresh_token), asked + lasts)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise SourceError(f"dotloop: /{path} answered no token and how long it lasts", 401) from None

    def _use(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.api.headers["Authorization"] = f"Bearer {tokens.access}"
        self.api.secrets = (*self._secrets, tokens.access, tokens.refresh)
