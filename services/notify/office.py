"""Which days are worked, as routing says; Monday to Friday while it does not answer."""

import asyncio
import logging
import time
from datetime import date
from http import HTTPStatus
from typing import Any

import httpx

from services.notify.quiet import WorkingDays
from shared.errors import describe
from shared.service_client import service_client

log = logging.getLogger(__name__)

TIMEOUT = 5.0
#: Seconds for which an answer is good: holidays are announced days ahead.
FRESH = 24 * 3600.0
#: Seconds until routing is asked again after it gave none.
AGAIN = 300.0


class Office:
    def __init__(
        self, url: str, key: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`key`: an API key of the role `service`."""
        self._http = service_client(url, key, TIMEOUT, transport)
        self._known: dict[int, WorkingDays] = {}
        self._good_until: dict[int, float] = {}
        self._asking = asyncio.Lock()

    async def working_days(self, today: date) -> WorkingDays:
        """Of this year and the next: New Year is a holiday, and the day after may be one."""
        async with self._asking:  # many alerts at once share one question
            this, following = await self._year(today.year), await self._year(today.year + 1)
        return WorkingDays(this.closed | following.closed, this.opened | following.opened)

    async def _year(self, year: int) -> WorkingDays:
        """The last answer is gone by for as long as there is no newer one."""
        now = time.monotonic()
        if self._good_until.get(year, 0.0) > now:
            return self._known[year]
        fresh = await self._ask(year)
        self._known[year] = fresh or self._known.get(year, WorkingDays())
        self._good_until[year] = now + (FRESH if fresh else AGAIN)
        return self._known[year]

    async def _ask(self, year: int) -> WorkingDays | None:
        try:
            reply = await self._http.get("/v1/calendar", params={"year": year})
            if reply.status_code == HTTPStatus.OK:
                return _days(reply.json())
            log.warning("no calendar", extra={"year": year, "status": reply.status_code})
        except (httpx.HTTPError, ValueError, KeyError) as error:
            log.warning("no calendar", extra={"year": year, "error": describe(error)})
        return None

    async def close(self) -> None:
        await self._http.aclose()


def _days(calendar: dict[str, Any]) -> WorkingDays:
    return WorkingDays(
        closed=frozenset(date.fromisoformat(one["day"]) for one in calendar["holidays"]),
        opened=frozenset(date.fromisoformat(one["day"]) for one in calendar["open_days"]),
    )
