"""The token of a logged-in web session: where it comes from, until when it lives, and what to do when it does not.

RealPage's reporting API knows no refresh token: a token lives an hour, and somebody has to bring the next one. So it
is read anew before each request, from the file it is put into, or from the settings; a batch that outlives one token
goes on with the next one if that lies there by then.

Does not belong here: what is kept when it has died (`connectors/realpage_reports/batch.py`).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from connectors.rest import SourceError

SETTING = "SOURCES__REALPAGE_REPORTS__TOKEN"

_SKEW = timedelta(seconds=60)
"""A token this close to its end counts as dead: clocks differ, and a request takes its time."""


def expires_at(token: str) -> datetime | None:
    """When a token ends, by its own claim; None where it makes none.

    Raises:
        SourceError: it is no JWT.
    """
    try:
        claims = token.split(".")[1]
        told = orjson.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        end = told.get("exp")
        return None if end is None else datetime.fromtimestamp(float(end), UTC)
    except (IndexError, ValueError, TypeError, AttributeError, OverflowError, OSError, binascii.Error):
        raise SourceError(
            f"realpage_reports: the token is not one (three parts joined by dots): copy it whole into {SETTING}", 401
        ) from None


@dataclass
class Tokens:
    """Where tokens come from.

    Attributes:
        token: as the settings give it.
        file: the file it is read from instead, if any.
    """

    token: str = field(default="", repr=False)
    file: Path | None = None
    _used: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """Where people put a new one."""
        return str(self.file) if self.file else SETTING

    def current(self) -> str:
        """The token of this moment.

        Raises:
            SourceError: there is none, or it has expired.
        """
        token = self._read()
        end = expires_at(token)
        if end and end <= datetime.now(UTC) + _SKEW:
            raise self._dead(f"token expired at {end:%Y-%m-%d %H:%M:%S} UTC")
        self._used = token
        return token

    def after_refusal(self) -> str:
        """The token that has taken the place of the one that was refused.

        Raises:
            SourceError: it is the same one, or no good either.
        """
        used = self._used
        token = self.current()
        if token == used:
            end = expires_at(token)
            raise self._dead(
                f"token expired at {end:%Y-%m-%d %H:%M:%S} UTC by its own word, and is refused already"
                if end
                else "token is refused"
            )
        return token

    def _dead(self, why: str) -> SourceError:
        return SourceError(f"{why}: put a new one into {self.place} and run again", 401)

    def _read(self) -> str:
        if not self.file:
            return self.token.strip().removeprefix("Bearer ")
        try:
            token = self.file.read_text(encoding="utf-8").strip().removeprefix("Bearer ")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(
                f"realpage_reports: the token cannot be read from {self.file} ({type(error).__name__})", 401
            ) from None
        if not token:
            raise self._dead("there is no token")
        return token
