"""HTTP for connectors: one request done well, whatever the API.

Belongs here: retries, waiting as told, errors that speak, answers as JSON. Does not belong here: paging, which every
API does its own way (`connectors/<source>/source.py`), and how rows land (`connectors/sync.py`).

Sessions, timeouts and limits are dlt's own (`[runtime]` in `.dlt/config.toml`: request_timeout,
request_max_attempts, request_backoff_factor, request_max_retry_delay).
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers import requests

from connectors.errors import HeadwaterError

Params = Mapping[str, Any]
_MESSAGE_KEYS = ("message", "errorMessage", "error_description", "error", "detail", "title", "errors", "status")
_MESSAGE_LENGTH = 200
_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|\+?\d[\d ().-]{8,}\d")


class SourceError(HeadwaterError):
    """An API refused, failed or answered what its contract does not say.

    Attributes:
        status: the HTTP status, None where none came.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_about_all(self) -> bool:
        """Would another request of the same account fail just so? A dead key, a storm of errors, no connection."""
        return self.status is None or self.status in {401, 429} or self.status >= 500


def said(answer: Any) -> str:
    """What an error answer says in words, wherever the API put it; '' when it says nothing."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list):
        return "; ".join(filter(None, map(said, answer)))
    if isinstance(answer, dict):
        for key in _MESSAGE_KEYS:
            if key in answer and (text := said(answer[key])):
                return text
        return next(filter(None, (said(value) for value in answer.values() if isinstance(value, dict))), "")
    return ""


class Api:
    """One account's way into one host of an API.

    Args:
        source: whose API it is, for messages.
        base_url: what paths are relative to.
        headers: sent with every request; they may be changed later on `headers`, as when a token is renewed.
        secrets: values that no message may show.
        renew: called once when a request is answered 401, to log in anew; the request is then repeated.
        wait: reads from a 429 how many seconds to wait, where the API says it in its own way.
        decode: makes JSON text out of an answer's body, for an API that sends what is not quite JSON.
        again: reads from an answer's headers whether to repeat the request, where the API says so itself (None: it
            does not). A 429 is waited out whatever it says.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: tuple[str, ...] = (),
        renew: Callable[[], None] | None = None,
        wait: Callable[[Mapping[str, str]], float | None] = lambda _: None,
        decode: Callable[[bytes], bytes] = lambda body: body,
        again: Callable[[Mapping[str, str]], bool | None] = lambda _: None,
    ) -> None:
        self.source, self.base_url = source, base_url.rstrip("/")
        self.headers = {"Accept": "application/json", "User-Agent": "Mozilla/5.0 (headwater)", **(headers or {})}
        self.secrets = secrets
        self._renew, self._wait, self._decode, self._again = renew, wait, decode, again
        self._limits = resolve_configuration(RuntimeConfiguration())
        # One attempt: dlt's own retries know neither jitter nor an API's own words for how long to wait.
        self._session = requests.Client(
            request_timeout=self._limits.request_timeout,
            raise_for_status=False,
            request_max_attempts=1,
            status_codes=(),
        ).session
        # Proxies and certificates of the environment, read once: requests would look for every request, a fifth of it.
        self._way = self._session.merge_environment_settings(self.base_url, {}, None, None, None)
        self._session.trust_env = False

    def get(self, path: str, params: Params | None = None) -> Any:
        """Return the JSON of a GET; `path` may be a whole URL, as links to a next page are."""
        return self.json(self.send("GET", path, params=params), path)

    def rows(self, answer: Any, path: str, *keys: str) -> list[dict[str, Any]]:
        """The rows under the first of the keys that is there.

        Raises:
            SourceError: none is, or it holds no list: that is another API than the contract's, not zero rows.
        """
        for key in keys:
            if isinstance(answer, dict) and isinstance(answer.get(key), list):
                return list(answer[key])
        raise SourceError(f"{self.source}: {_shown(path)} answered without a list {' or '.join(keys)}", 200)

    def json(self, response: Any, path: str) -> Any:
        """An answer's JSON; None for an empty one."""
        body = self._decode(response.content)
        if not body.strip():
            return None
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            kind = response.headers.get("Content-Type", "no content type")
            raise SourceError(
                f"{self.source}: {_shown(path)} answered no JSON ({kind})", response.status_code
            ) from None

    def send(self, method: str, path: str, **options: Any) -> Any:
        """Send a request, repeat it while that can help, and return the response.

        Raises:
            SourceError: the API refused it, or failed too often.
        """
        url = path if path.startswith("http") else f"{self.base_url}/{path.lstrip('/')}"
        options["headers"] = {**self.headers, **(options.get("headers") or {})}
        has_renewed = False
        for attempt in range(1, self._limits.request_max_attempts + 1):
            is_last = attempt == self._limits.request_max_attempts
            try:
                response = self._session.request(method, url, **{**self._way, **options})
            except requests.RequestException as error:
                if is_last:
                    raise SourceError(
                        f"{self.source}: {_shown(path)} cannot be reached ({type(error).__name__})"
                    ) from None
                time.sleep(self._backoff(attempt))
                continue
            if response.status_code == 401 and self._renew and not has_renewed:
                has_renewed = True
                self._renew()
                options["headers"] = {**options["headers"], **self.headers}
                continue
            if is_last or not self._can_help(response):
                break
            time.sleep(self._told_to_wait(response) or self._backoff(attempt))
        if response.status_code >= 400:
            raise SourceError(f"{self.source}: {_shown(path)} answered {self._why(response)}", response.status_code)
        return response

    def _can_help(self, response: Any) -> bool:
        """Can it help to send the request again?"""
        status = response.status_code
        told = self._again(response.headers) if status >= 400 else None
        return status == 429 or (status >= 500 if told is None else told)

    def _told_to_wait(self, response: Any) -> float | None:
        told = response.headers.get("Retry-After", "")
        seconds = float(told) if re.fullmatch(r"\s*\d+(\.\d+)?\s*", told) else None
        if seconds is None and response.status_code == 429:  # a limit's own headers come with any answer
            seconds = self._wait(response.headers)
        return None if seconds is None else min(seconds, self._limits.request_max_retry_delay)

    def _backoff(self, attempt: int) -> float:
        longest = min(self._limits.request_backoff_factor * 2.0 ** (attempt - 1), self._limits.request_max_retry_delay)
        return random.uniform(longest / 2, longest)  # noqa: S311 - spreads retries, guards nothing

    def _why(self, response: Any) -> str:
        try:
            message = said(orjson.loads(response.content))
        except orjson.JSONDecodeError:
            message = "" if b"<" in response.content[:20] else response.text
        message = self.shown(message)
        return f"{response.status_code}" + (f": {message}" if message else "")

    def shown(self, message: str) -> str:
        """An API's words as an error may show them: no secret, nothing personal, not endless."""
        for secret in filter(None, self.secrets):
            message = message.replace(secret, "***")
        return " ".join(_PERSONAL.sub("***", message).split())[:_MESSAGE_LENGTH]


def _shown(path: str) -> str:
    """A path without host and query: those may hold secrets and personal data."""
    return "/" + re.sub(r"^https?://[^/]+", "", path).split("?")[0].lstrip("/")
