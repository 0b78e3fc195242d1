"""Load: consultations posted as front-ends post them, by a seed, each until it is accepted."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

import httpx

from shared.reference import regions, topics
from tests.support.builders import a_post
from tests.support.system import System

#: Seconds that a front-end goes on trying one post.
PATIENCE = 120.0
PAUSE = 0.25


@dataclass
class Load:
    """`number` posts, `rate` a second. Every post has its key, and is sent until it is accepted;
    each goes to another replica of intake than the try before, as through a gateway."""

    system: System
    number: int
    rate: float
    seed: str
    accepted: set[str] = field(default_factory=set)
    """Ids that a 202 named."""
    refused: Counter[str] = field(default_factory=Counter)
    """Answers, and broken connections, that were not a 202."""
    slowest: float = 0.0
    """Seconds that the slowest 202 took, from its own request on."""

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - the same load in each run
        self._sent = 0
        self._half = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def half(self) -> None:
        """Until half of the posts have been sent."""
        waiting = asyncio.create_task(self._half.wait())
        await asyncio.wait({waiting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    async def done(self) -> None:
        """Until all are accepted. Raises where one was not within `PATIENCE`."""
        await self._task

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        started = time.monotonic()
        async with asyncio.TaskGroup() as posts:
            for number in range(self.number):
                posts.create_task(self._until_accepted(number, self._key(), self._body(number)))
                self._sent = number + 1
                if self._sent * 2 >= self.number:
                    self._half.set()
                await asyncio.sleep(started + self._sent / self.rate - time.monotonic())

    def _body(self, number: int) -> dict[str, Any]:
        return a_post(
            title=f"Pertanyaan {self.seed}.{number}",
            topic=self._random.choice(_TOPICS),
            desa_code=self._random.choice(_DESA),
        )

    def _key(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    async def _until_accepted(self, first: int, key: str, body: dict[str, Any]) -> None:
        """`first`: the replica that it is sent to first."""
        deadline = time.monotonic() + PATIENCE
        for attempt in count(first):
            began = time.monotonic()
            try:
                reply = await self.system.post(
                    body, key=key, replica=attempt % len(self.system.services["intake"])
                )
            except httpx.HTTPError as error:
                self.refused[type(error).__name__] += 1
            else:
                if reply.status_code == 202:
                    self.slowest = max(self.slowest, time.monotonic() - began)
                    self.accepted.add(reply.json()["id"])
                    return
                self.refused[str(reply.status_code)] += 1
                assert reply.status_code >= 429, reply.text
            assert time.monotonic() < deadline, f"not accepted in {PATIENCE:.0f} s: {self.refused}"
            await asyncio.sleep(PAUSE)


_TOPICS = sorted(topics())
_DESA = sorted(
    code for code, one in regions().items() if one.type == "desa" and one.valid_to is None
)
