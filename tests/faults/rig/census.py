"""What each part of the system knows, and whether that is all of it, once."""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, get_args

import aio_pika
from aio_pika.abc import AbstractChannel

from klik.parked.lot import ParkingLot
from klik.parked.view import Parked
from services.notify.domain.alert import OVER, State
from shared.messaging import topology
from shared.messaging.retry import DELAYS
from shared.storage.mongo import EPOCH, Database
from tests.peers.sink import alert_of_mail
from tests.peers.smtp import SmtpPeer
from tests.support.system import System

#: Collections that have an outbox, by service.
OUTBOXES = {"intake": "consultations", "routing": "cases", "notify": "alerts"}
PAGE = 10_000
TIMEOUT = 5.0


@dataclass
class Census:
    """Sets hold consultations' ids."""

    kept: set[str] = field(default_factory=set)
    """By intake."""
    routed: set[str] = field(default_factory=set)
    reported: set[str] = field(default_factory=set)
    counted: int = 0
    """The report's sum of those submitted: each is to be in it once."""
    told: Counter[str] = field(default_factory=Counter)
    """How many alerts there are of its assignment: one."""
    to_be_mailed: set[str] = field(default_factory=set)
    """The ids of these alerts: each goes to the officer by e-mail."""
    mails: Counter[str] = field(default_factory=Counter)
    """Alert → how often the mail server took it."""
    taken_over: set[str] = field(default_factory=set)
    """Alerts that a process had in hand when it died: the only ones that may be mailed twice."""
    parked: list[Parked] = field(default_factory=list, compare=False)
    pending: int = 0
    """Documents with an event that RabbitMQ has not confirmed."""
    queued: int = 0
    """Messages that wait to be handled, or to be tried again."""
    undecided: int = 0
    """Alerts that are not over."""

    def lost(self, accepted: set[str]) -> set[str]:
        """What is not everywhere."""
        everywhere = self.kept & self.routed & self.reported & self.told.keys()
        return (accepted - everywhere) | (self.to_be_mailed - self.mails.keys())

    def doubled(self, accepted: set[str]) -> int:
        """Records, counts and e-mails too many, but for e-mails that a crash explains."""
        return (
            len(self.kept - accepted)
            + len((self.routed | self.reported) - accepted)
            + abs(self.counted - len(self.reported))
            + sum(times - 1 for times in self.told.values())
            + sum(times - 1 for alert, times in self.mails.items() if alert not in self.taken_over)
        )

    def by_crash(self) -> int:
        """E-mails that were sent twice because their sender died between the yes and the record."""
        return sum(times - 1 for alert, times in self.mails.items() if alert in self.taken_over)

    @property
    def is_quiet(self) -> bool:
        return self.pending == self.queued == self.undecided == 0


class Registrar:
    """Takes the census, from the databases, the queues, the report and the mail server."""

    def __init__(self, system: System, mail: SmtpPeer) -> None:
        self._system = system
        self._mail = mail
        self._databases = {
            name: Database(system.store.url, f"klik_{name}") for name in topology.SERVICES
        }
        self._mails = Counter[str]()

    async def close(self) -> None:
        for database in self._databases.values():
            await database.close()

    async def is_quiet(self) -> bool:
        """Whether nothing is under way, by a few numbers: a census reads everything there is, and
        would slow down what it waits for."""
        undecided = {"state": {"$in": [state for state in get_args(State) if state not in OVER]}}
        if await self._of("notify", "alerts").count(undecided) or await self.pending():
            return False
        async with self._channel() as channel:
            return not await self._waiting(channel)

    async def take(self) -> Census:
        census = Census()
        census.kept = await self._ids("intake")
        census.routed = await self._ids("routing")
        census.reported = set(await self._members())
        report = await self._system.get(
            "reporting", "/v1/reports/consultations", "dpmd", group_by="kecamatan"
        )
        census.counted = sum(row["submitted"] for row in report["rows"])
        await self._alerts(census)
        # those since the last time: a town takes in thousands
        self._mails.update(alert_of_mail(one) for one in self._mail.taken[self._mails.total() :])
        census.mails = self._mails.copy()
        census.pending = await self.pending()
        await self._queues(census)
        return census

    async def routed(self) -> set[str]:
        return await self._ids("routing")

    async def pending(self) -> int:
        """Documents with an event that RabbitMQ has not confirmed."""
        waiting = {"outbox_due": {"$gt": EPOCH}}
        return sum(
            [
                await self._of(service, collection).count(waiting)
                for service, collection in OUTBOXES.items()
            ]
        )

    def _of(self, service: str, collection: str) -> Any:
        return self._databases[service].collection(collection)

    async def _ids(self, service: str) -> set[str]:
        found = await self._of(service, OUTBOXES[service]).find({}, only=["_id"])
        return {one["_id"] for one in found}

    async def _members(self) -> list[str]:
        ids: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = await self._system.get(
                "reporting", "/v1/reports/members", "dpmd", limit=str(PAGE), **after
            )
            ids += page["ids"]
            if page["next"] is None:
                return ids
            after = {"after": page["next"]}

    async def _alerts(self, census: Census) -> None:
        only = ["state", "event", "consultation", "channel", "recipient_kind", "log"]
        for alert in await self._of("notify", "alerts").find({"order": {"$gt": ""}}, only=only):
            if alert["state"] not in OVER:
                census.undecided += 1
            if any(entry["what"] == "taken_over" for entry in alert["log"]):
                census.taken_over.add(alert["_id"])
            if alert["event"] == "case.assigned" and alert["recipient_kind"] == "officer":
                census.told[alert["consultation"]] += 1
                census.to_be_mailed.add(alert["_id"])

    async def _queues(self, census: Census) -> None:
        async with self._channel() as channel:
            census.parked = await ParkingLot(channel).look(lambda _: True)
            census.queued = await self._waiting(channel)

    async def _waiting(self, channel: AbstractChannel) -> int:
        queues = [await channel.declare_queue(name, passive=True) for name in _WAITING]
        return sum(queue.declaration_result.message_count or 0 for queue in queues)

    @asynccontextmanager
    async def _channel(self) -> AsyncGenerator[AbstractChannel, None]:
        connection = await aio_pika.connect(self._system.rabbit.url, timeout=TIMEOUT)
        async with connection:
            yield await connection.channel()


_WAITING = [
    name
    for service in topology.SERVICES
    for name in (
        topology.main_queue(service),
        *(topology.retry_queue(service, delay) for delay in DELAYS),
    )
]
