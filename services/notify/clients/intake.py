"""Asks intake how requesters are reached, at the moment of telling; nothing of it is kept here."""

from http import HTTPStatus
from uuid import UUID

import httpx
from cachetools import LRUCache
from pydantic import AwareDatetime, BaseModel

from services.notify.channels.base import NotSent
from services.notify.domain.message import LinkToken
from services.notify.domain.recipients import Contact
from shared.storage.batching import BACKGROUND_SECONDS, Loader
from shared.web.responses import NO_ANSWER, read, service_client

TIMEOUT_SECONDS = 5.0
#: In one question: intake takes no more.
CONSULTATIONS_PER_QUESTION = 200
#: Consultations whose requesters left no contact: they are asked after only once.
CONTACTLESS_CACHED = 20_000


class _Row(BaseModel):
    consultation: UUID
    channel: str
    address: str
    ticket: str
    link_token: str | None = None
    link_expires_at: AwareDatetime | None = None

    def link(self) -> LinkToken | None:
        if self.link_token is None or self.link_expires_at is None:
            return None
        return LinkToken(self.link_token, self.link_expires_at)


class _Reply(BaseModel):
    contacts: list[_Row]
    unreadable: list[UUID] = []


class Requesters:
    def __init__(
        self, url: str, key: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`key`: an API key of the role `notify`."""
        self._http = service_client(url, key, TIMEOUT_SECONDS, transport)
        self._contacts: Loader[UUID, Contact | NotSent] = Loader(
            self._ask, window=BACKGROUND_SECONDS, limit=CONSULTATIONS_PER_QUESTION
        )
        # a contact is given with the consultation or never
        self._without: LRUCache[UUID, None] = LRUCache(CONTACTLESS_CACHED)

    async def contact(self, consultation: UUID) -> Contact | None:
        """None where the requester left none, or it was erased.

        Raises `NotSent`, to be tried again, where intake does not say.
        """
        if consultation in self._without:
            return None
        contact = await self._contacts.load(consultation)
        if isinstance(contact, NotSent):
            raise contact
        if contact is None:
            self._without[consultation] = None
        return contact

    async def _ask(self, consultations: list[UUID]) -> dict[UUID, Contact | NotSent]:
        asked = {"consultations": [str(one) for one in consultations]}
        try:
            reply = await self._http.post("/v1/contacts", json=asked)
        except NO_ANSWER as error:
            raise NotSent(f"intake_{type(error).__name__}", permanent=False) from None
        if reply.status_code != HTTPStatus.OK:
            raise NotSent(f"intake_{reply.status_code}", permanent=False)
        try:
            told = read(reply, _Reply)
        except ValueError:
            raise NotSent("intake_reply", permanent=False) from None
        found: dict[UUID, Contact | NotSent] = {
            one.consultation: Contact(one.channel, one.address, one.ticket, link=one.link())
            for one in told.contacts
        }
        for one in told.unreadable:
            found[one] = NotSent("intake_unreadable", permanent=False)
        return found

    async def close(self) -> None:
        await self._http.aclose()
