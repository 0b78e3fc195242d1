"""How soon answers are due, as routing's policy says: the line that the times are held against."""

import logging
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx
from pydantic import BaseModel

from shared.web.responses import NO_ANSWER, read, service_client

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 2.0
#: Seconds for which the policy is taken to be the same, or routing to be away.
FRESH_SECONDS = 60.0


class _Answer(BaseModel):
    days: int
    days_by_kind: dict[str, int]


class _Policy(BaseModel):
    answer: _Answer


class Targets:
    def __init__(
        self,
        url: str,
        key: str,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        """`key`: an API key of the role `reporting`."""
        self._http = service_client(url, key, TIMEOUT_SECONDS, transport)
        self._known: Mapping[str, Any] | None = None
        self._fresh_seconds = fresh_seconds
        self._asked = -fresh_seconds

    async def targets(self) -> Mapping[str, Any] | None:
        """`{answer_days, answer_days_by_kind}` in working days; None before routing said so once.

        What it said last holds while it is away: the dashboard does not wait for it.
        """
        if time.monotonic() - self._asked >= self._fresh_seconds:
            self._asked = time.monotonic()
            self._known = await self._ask() or self._known
        return self._known

    async def _ask(self) -> Mapping[str, Any] | None:
        try:
            reply = await self._http.get("/v1/policy")
            if reply.status_code != HTTPStatus.OK:
                log.info("no policy", extra={"status": reply.status_code})
                return None
            answer = read(reply, _Policy).answer
        except NO_ANSWER as error:
            log.info("no policy", extra={"error": type(error).__name__})
            return None
        return {"answer_days": answer.days, "answer_days_by_kind": answer.days_by_kind}

    async def close(self) -> None:
        await self._http.aclose()
