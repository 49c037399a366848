"""A session of SkySlope: logging in by a signed moment, renewing in time, and bodies that are not quite JSON.

Belongs here: what every request of an account needs. Does not belong here: what is asked for
(`connectors/skyslope/source.py`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.rest import Api, SourceError

BASE_URL = "https://api.skyslope.com"

_BOM = b"\xef\xbb\xbf"
_ANSWER_WITHIN = 1_000  # seconds; one answer holds a month of a brokerage in full, and takes minutes
_RENEW_BEFORE = timedelta(minutes=2)
_LIFE = timedelta(hours=2)

# Within texts U+0001 stands for a new line, U+001A for a blank, U+0000 for nothing; others mean nothing anybody knows.
_TO_BLANK = bytes.maketrans(bytes(range(2, 32)), b" " * 30)
_ESCAPED_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def decoded(body: bytes) -> bytes:
    """Make JSON of a body: SkySlope sends a byte order mark, and control characters inside of texts."""
    body = body.strip().removeprefix(_BOM).strip()
    body = body.replace(b"\x01", b"\\n").translate(_TO_BLANK, b"\x00")
    # Written out it is JSON, but no text that Postgres could hold.
    return _ESCAPED_NUL.sub(rb"\1", body) if b"\\u0000" in body else body


def signature(client_id: str, client_secret: str, access_secret: str, timestamp: str) -> str:
    """What proves a login: the signed moment, in base64."""
    message = f"{client_id}:{client_secret}:{timestamp}".encode()
    return base64.b64encode(hmac.new(access_secret.encode(), message, hashlib.sha256).digest()).decode()


class Session:
    """One account's way in. Logs in at once, and anew when the session runs out or is refused.

    Raises:
        SourceError: the login was refused.
    """

    def __init__(
        self, secrets: Mapping[str, str], base_url: str, client_id: str, client_secret: str, first_year: int
    ) -> None:
        self.first_year = first_year
        self._access_key, self._access_secret = secrets["access_key"], secrets["access_secret"]
        self._client_id, self._client_secret = client_id, client_secret
        hidden = (self._access_secret, client_secret, self._access_key, client_id)
        self._door = Api("skyslope", base_url, secrets=hidden, decode=decoded)
        self.api = Api("skyslope", base_url, secrets=hidden, renew=self._log_in, decode=decoded)
        self._log_in()

    def get(self, path: str, params: Mapping[str, str]) -> Any:
        """Return the JSON of a GET."""
        if datetime.now(UTC) >= self._expires - _RENEW_BEFORE:
            self._log_in()
        return self.api.json(self.api.send("GET", path, params=params, timeout=_ANSWER_WITHIN), path)

    def _log_in(self) -> None:
        path, now = "auth/login", datetime.now(UTC)
        timestamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        signed = signature(self._client_id, self._client_secret, self._access_secret, timestamp)
        headers = {
            "Timestamp": timestamp,
            "Authorization": f"SS {self._access_key}:{signed}",
            "Content-Type": "application/json",
        }
        body = orjson.dumps({"clientID": self._client_id, "clientSecret": self._client_secret})
        try:
            answer = self._door.json(self._door.send("POST", path, headers=headers, data=body), path)
        except SourceError as error:
            if error.status is None or error.status == 429 or error.status >= 500:
                raise
            # Whatever it is refused with, without a session nothing else is answered either.
            raise SourceError(f"{error}: make a new access key in SkySlope, My Account > Integrations", 401) from None
        if not isinstance(answer, dict) or not answer.get("Session"):
            raise SourceError(f"skyslope: /{path} answered without a Session", 401)
        self.api.headers["Session"] = str(answer["Session"])
        self._expires = _expiry(answer.get("Expiration"), now)


def _expiry(text: Any, now: datetime) -> datetime:
    """When a session ends; two hours on where SkySlope does not say so."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return now + _LIFE
    return moment.replace(tzinfo=moment.tzinfo or UTC)
