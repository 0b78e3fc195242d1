"""Asks intake how a requester is reached, at the moment of telling; nothing of it is kept here."""

from http import HTTPStatus
from uuid import UUID

import httpx
from cachetools import LRUCache
from pydantic import BaseModel

from services.notify.channels.base import NotSent
from services.notify.dispatch.lanes import Lane
from services.notify.domain.recipients import Contact
from shared.web.client import read, service_client
from shared.web.responses import NO_ANSWER

TIMEOUT_SECONDS = 5.0
#: Questions at the same time.
QUESTIONS_AT_ONCE = 8
#: Consultations whose requesters left no contact: they are asked after only once.
CONTACTLESS_CACHED = 20_000


class _Row(BaseModel):
    channel: str
    address: str
    ticket: str


class Requesters:
    def __init__(
        self, url: str, key: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`key`: an API key of the role `service`."""
        self._http = service_client(url, key, TIMEOUT_SECONDS, transport)
        self._lane = Lane(QUESTIONS_AT_ONCE)
        # a contact is given with the consultation or never
        self._without: LRUCache[UUID, None] = LRUCache(CONTACTLESS_CACHED)

    async def contact(self, consultation: UUID) -> Contact | None:
        """None where the requester left none, or it was erased.

        Raises `NotSent`, to be tried again, where intake does not say, or has been asked for too
        many already.
        """
        if consultation in self._without:
            return None
        try:
            async with self._lane.turn():
                reply = await self._http.get(f"/v1/consultations/{consultation}/contact")
        except NO_ANSWER as error:
            raise NotSent(f"intake_{type(error).__name__}", permanent=False) from None
        if reply.status_code == HTTPStatus.NOT_FOUND:
            self._without[consultation] = None
            return None
        if reply.status_code != HTTPStatus.OK:
            raise NotSent(f"intake_{reply.status_code}", permanent=False)
        try:
            row = read(reply, _Row)
        except ValueError:
            raise NotSent("intake_reply", permanent=False) from None
        return Contact(row.channel, row.address, row.ticket)

    async def close(self) -> None:
        await self._http.aclose()
