"""HTTP to providers: one client for the process, with limits; no address and no token in errors."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from services.notify.channels.base import NotSent
from shared.times import utc_now
from shared.web.responses import NO_ANSWER, NoCookies, retry_after

#: Seconds to connect, and for a whole request with its reply. Who gives up on a provider that is
#: only slow tells people twice, so this is long.
CONNECT_TIMEOUT_SECONDS = 5.0
REQUEST_TIMEOUT_SECONDS = 40.0
#: Bytes of a reply that are read; providers' are a few hundred.
MAX_REPLY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """A provider's answer. `body` is None where the connection broke inside it."""

    status: int
    body: bytes | None
    wait: timedelta | None = None
    """Its Retry-After."""
    part: bytes = b""
    """What came of a body before the connection broke."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def document(self) -> Mapping[str, Any]:
        """The JSON object in it; empty where there is none: a proxy's page, for example."""
        try:
            found = json.loads(self.body or b"")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Http:
    """The process's one client. Redirects are not followed: they would carry tokens elsewhere."""

    def __init__(self, timeout: float = REQUEST_TIMEOUT_SECONDS) -> None:
        """`timeout`: seconds for a whole request, where the caller sets no deadline."""
        self._timeout = timeout
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout, connect=CONNECT_TIMEOUT_SECONDS),
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=20),
            follow_redirects=False,
            cookies=NoCookies(),
            # a compressed reply could unpack to more than the limit
            headers={"Accept-Encoding": "identity", "User-Agent": "klikdesa"},
        )

    async def post(
        self,
        url: str,
        *,
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        target: bytes | None = None,
        deadline: float | None = None,
    ) -> Reply:
        """The reply, whatever its status.

        `target`: the path that goes over the wire in place of the URL's. A secret path is given
        so, because a URL ends in httpx's log lines and exceptions. `deadline`: by the loop's clock.
        Raises `NotSent` where there is no reply: `unreachable`, `timeout` or `connection_lost`.
        """
        deadline = deadline or (asyncio.get_running_loop().time() + self._timeout)
        request = self._client.build_request(
            "POST", url, json=json, data=form, content=content, headers=headers,
            extensions={"target": target} if target else None,
        )  # fmt: skip
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._client.send(request, stream=True)
        except (httpx.ConnectTimeout, httpx.ConnectError):
            raise NotSent("unreachable", permanent=False) from None
        except (TimeoutError, httpx.TimeoutException):
            raise NotSent("timeout", permanent=False) from None
        except NO_ANSWER:
            raise NotSent("connection_lost", permanent=False) from None
        body, part = bytearray(), b""
        try:
            async with asyncio.timeout_at(deadline):
                await _read(response, body)
            whole: bytes | None = bytes(body)
        except NO_ANSWER:  # a timeout is an OSError
            whole, part = None, bytes(body)
        finally:
            with contextlib.suppress(*NO_ANSWER):
                await response.aclose()
        wait = retry_after(response.headers.get("Retry-After"), utc_now())
        return Reply(response.status_code, whole, wait, part)

    async def close(self) -> None:
        await self._client.aclose()


async def _read(response: httpx.Response, body: bytearray) -> None:
    """Fill `body` as far as the limit; a longer reply is cut, and so is no JSON any more."""
    async for chunk in response.aiter_raw():
        body += chunk[: MAX_REPLY_BYTES - len(body)]
        if len(body) >= MAX_REPLY_BYTES:
            break
