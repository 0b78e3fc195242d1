"""The directory that a replica keeps: one look for all who ask, another one after a change."""

import asyncio
from typing import Any, cast

from services.notify.domain.recipients import seeds
from services.notify.store.recipients import Recipients
from shared.errors import StoreUnavailable
from shared.storage.mongo import Collection, Document


class Looked:
    """A collection that answers when it is let."""

    def __init__(self) -> None:
        self.looks = 0
        self.looking, self.may = asyncio.Event(), asyncio.Event()
        self.away = False

    async def find(self, query: Any, **_: Any) -> list[Document]:
        self.looks += 1
        self.looking.set()
        await self.may.wait()
        if self.away:
            raise StoreUnavailable("away")
        return []

    async def insert(self, document: Document) -> None:
        """Taken."""


async def test_directory_is_read_once_for_all_who_ask_at_the_same_moment() -> None:
    collection = Looked()
    recipients = Recipients(cast(Collection, collection))
    asking = [asyncio.create_task(recipients.directory()) for _ in range(50)]
    await asyncio.sleep(0)
    later = [asyncio.create_task(recipients.directory()) for _ in range(50)]
    collection.may.set()
    await asyncio.gather(*asking, *later)
    await recipients.directory()
    assert collection.looks == 1


async def test_all_are_told_at_once_when_the_store_is_away() -> None:
    collection = Looked()
    collection.away = True
    collection.may.set()
    recipients = Recipients(cast(Collection, collection))
    outcomes = await asyncio.gather(
        *(recipients.directory() for _ in range(50)), return_exceptions=True
    )
    assert {type(one) for one in outcomes} == {StoreUnavailable}
    assert collection.looks == 1
    collection.away = False
    await recipients.directory()


async def test_directory_is_read_anew_when_somebody_was_put_during_a_look() -> None:
    collection = Looked()
    recipients = Recipients(cast(Collection, collection))
    asking = asyncio.create_task(recipients.directory())
    await asyncio.wait_for(collection.looking.wait(), timeout=5)
    await recipients.put(next(seeds()), after=0)
    collection.may.set()
    await asking
    await recipients.directory()
    assert collection.looks == 2
