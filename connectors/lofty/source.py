"""Lofty: per account who it is, its organisation, the members of its team, and all leads its user may see.

Paging: leads by `scrollId`, 100 a page; a scroll that has expired begins again. Members by `offset`: pages overlap by
one row, and if that is not the same one, rows have moved and the walk begins again. Unique: a lead by `leadId`, a
member by `id`, an account by its `memberUserId`, its organisation by the account's name.
Incremental: Lofty can neither be asked what changed nor sort by it, so every run walks all leads; only rows that
changed are written, and trashed leads, which lists never show, are marked as deleted because a complete walk lacks
them. A walk counts as complete when it saw as many leads as the API says there are.

    /v1.0/me, /v1.0/org ────────────> staging_lofty.accounts, .organisations (account, key, payload, …)
    /v1.0/members ?offset ──────────> staging_lofty.members
    /v1.0/leads ?scrollId ─until all─> staging_lofty.lofty_staging

Alone: `python -m connectors.lofty`. Does not belong here: what a field means.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from dlt.common.configuration import with_config

from connectors.rest import Api, SourceError
from connectors.sync import Account, Context, Done, Page, Resource, Row, Source, Walk

LEADS_A_PAGE = 100
MEMBERS_A_PAGE = 25
"""Lofty's own default: it does not tell the maximum, and refuses what is above."""

_BEGIN_AGAIN = 5
_LONGEST_WAIT = 60.0
_NOT_A_MOMENT = 1e9
_SECRETS = {"api_key": "token {}", "access_token": "Bearer {}"}
"""What an account may log in with, and how it is sent: a key of a user, or a token of an application."""


class Lofty:
    """An account.

    Args:
        name: as the configuration calls it.
        base_url: of the API.
        secrets: one of `_SECRETS`.
    """

    def __init__(self, name: str, base_url: str, secrets: Mapping[str, str]) -> None:
        self.name = name
        found = next(((form, secrets[kind]) for kind, form in _SECRETS.items() if secrets.get(kind)), None)
        if found is None:
            raise SourceError(f"lofty: account {name} of sources.lofty.accounts has no api_key and no access_token")
        form, secret = found
        headers = {"Authorization": form.format(secret), "Content-Type": "application/json"}
        self.api = Api("lofty", base_url, headers=headers, secrets=(secret,), wait=_wait)

    def one(self, path: str) -> Row:
        """Return the one object of a path.

        Raises:
            SourceError: it answered something else.
        """
        answer = self.api.get(path)
        if not isinstance(answer, dict):
            raise SourceError(f"lofty: {path} answered no object", 200)
        return answer

    def listed(self, path: str, rows: str, params: Mapping[str, Any]) -> tuple[list[Row], Row]:
        """Return a page's rows and what the API says about them.

        Raises:
            SourceError: it says nothing, or there are no rows where rows should be.
        """
        answer = self.api.get(path, params)
        found = self.api.rows(answer, path, rows)
        # The documentation has both names.
        told = answer.get("_metadata", answer.get("get_metadata"))
        if not isinstance(told, dict) or not isinstance(told.get("total"), int):
            raise SourceError(f"lofty: {path} does not say how many {rows} there are (_metadata.total)", 200)
        return found, told


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until requests are free again. Called a moment in epoch seconds, shown as milliseconds to wait: both."""
    told = headers.get("X-RateLimit-Reset", "").strip()
    # Every answer tells it; it matters where nothing remains.
    if headers.get("X-RateLimit-Remaining", "0").strip() != "0" or not re.fullmatch(r"\d+(\.\d+)?", told):
        return None
    seconds = float(told) / 1000 if float(told) < _NOT_A_MOMENT else float(told) - time.time()
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _me(client: Lofty, _: Context) -> Walk:
    yield Page([client.one("/v1.0/me")])
    return Done(complete=True)


def _organisation(client: Lofty, _: Context) -> Walk:
    yield Page([client.one("/v1.0/org")], {"account": client.name})
    return Done(complete=True)


def _members(client: Lofty, _: Context) -> Walk:
    for _attempt in range(_BEGIN_AGAIN):
        offset, last = 0, None
        while True:
            try:
                params = {"offset": offset, "limit": MEMBERS_A_PAGE}
                rows, told = client.listed("/v1.0/members", "members", params)
            except SourceError as error:
                # Lofty's word for a team that has none whom the user may see; it is no reason to delete any.
                if error.status == 404 and not offset:
                    return Done()
                raise
            if last is not None and (not rows or rows[0].get("id") != last):
                break
            yield Page(rows)
            if offset + len(rows) >= told["total"]:
                return Done(complete=True)
            if len(rows) < 2:
                break
            offset, last = offset + len(rows) - 1, rows[-1]["id"]
    raise SourceError("lofty: /v1.0/members changed during every walk; the next run reads it again", 200)


def _leads(client: Lofty, _: Context) -> Walk:
    """Walk all leads: no list goes by change. The cursor says how new the newest is, and nothing goes on from it."""
    for _attempt in range(_BEGIN_AGAIN):
        seen: set[int] = set()
        params: dict[str, Any] = {"limit": LEADS_A_PAGE}
        total, newest = None, ""
        while True:
            try:
                rows, told = client.listed("/v1.0/leads", "leads", params)
            except SourceError as error:
                if "scrollId" in params and _may_have_expired(error):
                    break
                raise
            # Leads that come during the walk are counted, though no scroll shows them.
            total = told["total"] if total is None else min(total, told["total"])
            yield Page(rows)
            seen |= {row["leadId"] for row in rows}
            newest = max([newest, *(str(row.get("lastUpdateTime") or "") for row in rows)])
            if len(seen) >= total:
                return Done(cursor=newest or None, complete=True)
            if not rows or not told.get("scrollId"):
                break
            params = {"limit": LEADS_A_PAGE, "scrollId": told["scrollId"]}
    raise SourceError(f"lofty: /v1.0/leads showed {len(seen)} of {total} leads; the next run reads it again", 200)


def _may_have_expired(error: SourceError) -> bool:
    """Can the scroll be to blame? What the API says of one that has expired is not documented."""
    return error.status is not None and error.status >= 400 and error.status not in {401, 403, 429}


@with_config(sections=("sources", "lofty"))
def _settings(
    base_url: str = "https://api.lofty.com", accounts: list[dict[str, str]] | None = None
) -> tuple[str, list[dict[str, str]] | None]:
    return base_url, accounts


def configured() -> list[Account] | None:
    """The accounts of `sources.lofty.accounts`: each a name, and an `api_key` or an `access_token`.

    Raises:
        SourceError: one has no name, or the name of another.
    """
    _, accounts = _settings()
    if not accounts:
        return None
    names = [one.get("name") for one in accounts]
    if not all(names) or len(set(names)) < len(names):
        raise SourceError("lofty: every account of sources.lofty.accounts needs a name of its own")
    return [Account(one["name"], {kind: one[kind] for kind in _SECRETS if one.get(kind)}) for one in accounts]


def connect(account: Account, _: str) -> Lofty:
    """Return the account's client."""
    base_url, _accounts = _settings()
    return Lofty(account.name, base_url, account.secrets)


SOURCE = Source(
    name="lofty",
    schema="lofty",
    resources=(
        Resource("accounts", ("accounts",), _me, lambda row, _: str(row["memberUserId"])),
        Resource("organisations", ("organisations",), _organisation, lambda _, request: str(request["account"])),
        Resource("members", ("members",), _members, lambda row, _: str(row["id"])),
        Resource(
            "leads",
            ("lofty_staging",),
            _leads,
            lambda row, _: str(row["leadId"]),
            lambda row: row.get("lastUpdateTime"),
        ),
    ),
    configured=configured,
    connect=connect,
)
