"""What we ask others over HTTP: between services, and of strangers, whose answers end nothing here.

Whoever asks a server that is not ours makes the client with `NoCookies`, catches `NO_ANSWER`, and
reads with the functions below what says how long to stay away.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

Shape = TypeVar("Shape", bound=BaseModel)

#: What a client raises where an answer does not come, breaks off or cannot be read: httpx's own
#: errors, what it lets through of TLS (an OSError), and of headers and addresses that are none.
NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError)

#: Nobody puts us off for longer than this, whatever they say.
LONGEST_WAIT = timedelta(days=1)
#: More digits than this are a longer time than that. Python reads no number of thousands of digits.
_DIGITS = 9


class NoCookies(CookieJar):
    """Takes none. A cookie of one server would go to the next behind the same address, and one that
    is not ASCII would break every later request of the client."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Nothing is kept."""


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` asks for, in seconds or as a date; None where it cannot be read."""
    text = (header or "").strip(" \t")
    if re.fullmatch(r"[0-9]+", text):
        if len(text.lstrip("0")) > _DIGITS:
            return LONGEST_WAIT
        return _within(timedelta(seconds=int(text[-_DIGITS:])))
    try:
        until = parsedate_to_datetime(text)
        return _within((until if until.tzinfo else until.replace(tzinfo=UTC)) - now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def seconds(value: object) -> timedelta | None:
    """A number of seconds out of a JSON document; None where it is no such number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return None
    return _within(timedelta(seconds=min(value, 10**_DIGITS)))


def _within(wait: timedelta) -> timedelta:
    return min(max(wait, timedelta()), LONGEST_WAIT)


def service_client(
    url: str, key: str, timeout: float, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """With which one service asks another. `key`: an API key of its role; `timeout`: seconds."""
    return httpx.AsyncClient(
        base_url=url,
        timeout=timeout,
        headers={"Authorization": f"Bearer {key}"},
        transport=transport,
    )


def read(reply: httpx.Response, shape: type[Shape]) -> Shape:
    """What another service was asked for. Raises ValueError where it is something else: a proxy's
    page, an answer of another version."""
    return shape.model_validate_json(reply.content)
