"""Alerts in MongoDB: one document each, its delivery log and its outbox inside."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from services.notify.domain.alert import Alert, Backlog, Entry
from shared.errors import Conflict, Duplicate
from shared.events import Event, Region, Summary
from shared.messaging.outbox import Outbox
from shared.storage.batching import GroupCommit
from shared.storage.mongo import EPOCH, Collection, Document, until
from shared.times import new_id


class AlertStore:
    """A document that lacks `order` is of an older version's making, and over."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox
        self._inserts: GroupCommit[Document, None] = GroupCommit(collection.insert_each)

    async def prepare(self) -> None:
        await self._collection.index(("next_at", 1))
        await self._collection.index(("channel", 1), ("next_at", 1))
        await self._collection.index(("state", 1), ("channel", 1), ("next_at", 1))
        # a kecamatan's, one in twenty, are found quickly enough among the newest
        for field in ("consultation", "recipient", "state"):
            await self._collection.index((field, 1), ("order", 1))
        await self._collection.index(("order", 1))
        for field in ("provider_id", "receipt_chain"):
            await self._collection.index((field, 1))

    async def get(self, id_: str) -> Alert | None:
        found = await self._collection.find_one({"_id": id_, "order": {"$gt": ""}})
        return None if found is None else _alert(found)

    async def add(self, alert: Alert, event: Event | None = None) -> bool:
        """Keep a new one, with the event where it is over already; False where another delivery of
        its cause was first."""
        told = self._outbox.fields([event] if event else [])
        try:
            await self._inserts.submit({"_id": alert.id, **_state(alert), **told})
        except Duplicate:
            return False
        if told:
            self._outbox.offer(alert.id, told["outbox"])
        return True

    async def save(self, alert: Alert, event: Event | None) -> None:
        """Write over the version before, with the event; raises `Conflict` where that is gone."""
        told = self._outbox.changes([event] if event else [])
        update: dict[str, Any] = {**told, "$set": {**_state(alert), **told.get("$set", {})}}
        if not await self._collection.update_guarded(
            alert.id, {"version": alert.version - 1}, update
        ):
            raise Conflict(f"alert {alert.id} is past version {alert.version - 1}")
        if told:
            # a resent one may have its earlier outcome still in the outbox
            await self._offer(alert, told["$push"]["outbox"]["$each"])

    async def _offer(self, alert: Alert, letters: list[Document]) -> None:
        if alert.edition == 1:
            self._outbox.offer(alert.id, letters)
        else:
            await self._outbox.offer_stored(alert.id)

    async def take_due(
        self,
        now: datetime,
        lease: timedelta,
        limit: int,
        at: Mapping[str | None, int] | None = None,
    ) -> list[Alert]:
        """Alerts to be looked at, leased for this process alone until `now` + `lease`.

        `at`: only so many of each of these channels. What is due and leased was left by a process
        that died: it comes back with `claims` above 1.
        """
        due: dict[str, Any] = {"next_at": until(now)}
        # one question for each, which the index answers however many wait at the others
        asked = [(due, limit)]
        if at is not None:
            asked = [({"channel": one, **due}, min(most, limit)) for one, most in at.items()]
        found = [document for one in asked for document in await self._earliest(*one)]
        found = sorted(found, key=itemgetter("next_at"))[:limit]
        return await self._lease(found, due, now + lease)

    async def call(
        self, channel: str | None, ahead: timedelta, now: datetime, lease: timedelta, limit: int
    ) -> tuple[list[Alert], timedelta | None]:
        """The first of those who wait for a place at `channel`, their time not further `ahead` than
        that, leased as by `take_due`; and how far ahead the last one was, where as many were found
        as `limit`."""
        waiting = {"state": "queued", "channel": channel, "next_at": until(now + ahead)}
        found = await self._earliest(waiting, limit)
        last = found[-1]["next_at"] - now if len(found) == limit else None
        return await self._lease(found, waiting, now + lease), last

    async def _lease(
        self, found: list[Document], still: dict[str, Any], end: datetime
    ) -> list[Alert]:
        """Those of `found` that nobody took meanwhile."""
        ids = {"_id": {"$in": [one["_id"] for one in found]}}
        by = new_id().hex
        lease = {"state": "claimed", "claimed_by": by, "next_at": end}
        if not found or not await self._collection.update_all(
            {**ids, **still}, {"$set": lease, "$inc": {"version": 1, "claims": 1}}
        ):
            return []
        mine = await self._collection.find({**ids, "claimed_by": by})
        return [_alert(document) for document in mine]

    async def _earliest(self, due: dict[str, Any], limit: int) -> list[Document]:
        return await self._collection.find(
            due, sort=[("next_at", 1)], limit=limit, only=["next_at"]
        )

    async def look_again(self, reason: str, now: datetime) -> int:
        """Have those that wait for this reason looked at now; how many they are."""
        waiting = {"state": "waiting", "reason": reason, "next_at": {"$gt": now}}
        return await self._collection.update_all(waiting, {"$set": {"next_at": now}})

    async def renew(self, alert: Alert, until: datetime) -> bool:
        """Lease it until `until`; False where somebody else took it over meanwhile."""
        mine = {"_id": alert.id, "version": alert.version, "state": "claimed"}
        return await self._collection.update(mine, {"$set": {"next_at": until}})

    async def backlog(self, at_most: int) -> list[Backlog]:
        """Those that are not over, by state and channel: the first `at_most` of them to be due."""
        found = await self._collection.find(
            {"next_at": {"$gt": EPOCH}},
            sort=[("next_at", 1)],
            limit=at_most,
            only=["state", "channel", "next_at"],
        )
        number = Counter((one["state"], one.get("channel")) for one in found)
        first = {(one["state"], one.get("channel")): one["next_at"] for one in reversed(found)}
        return [Backlog(*key, number[key], first[key]) for key in number]

    async def of_consultation(self, consultation: UUID) -> tuple[Alert, ...]:
        found = await self._collection.find(
            {"consultation": str(consultation), "order": {"$gt": ""}}
        )
        return tuple(_alert(document) for document in found)

    async def by_message(self, channel: str, ids: Iterable[str]) -> Alert | None:
        """The one that a provider knows by one of `ids`."""
        for field in ("provider_id", "receipt_chain"):
            for id_ in ids:
                found = await self._collection.find_one({field: id_, "channel": channel})
                if found is not None:
                    return _alert(found)
        return None

    async def page(
        self, query: Mapping[str, Any], *, before: UUID | None, limit: int
    ) -> list[Alert]:
        """Alerts that fit, newest first; `before`: the `order` that the last page ended with."""
        order = {"$lt": str(before)} if before else {"$gt": ""}
        found = await self._collection.find(
            {**query, "order": order}, sort=[("order", -1)], limit=limit
        )
        return [_alert(document) for document in found]


def _state(alert: Alert) -> Document:
    state = asdict(alert)
    del state["id"]
    return {
        **state,
        "cause": str(alert.cause),
        "consultation": str(alert.consultation) if alert.consultation else None,
        "region": alert.region.model_dump() if alert.region else None,
        "summary": alert.summary.model_dump(mode="json") if alert.summary else None,
        "resends": list(alert.resends),
        "log": [_slim(entry) for entry in state["log"]],
    }


def _slim(entry: Document) -> Document:
    return {name: value for name, value in entry.items() if value is not None}


_PLAIN = frozenset(Alert.__dataclass_fields__) - {
    "id", "cause", "consultation", "region", "summary", "resends", "log",
}  # fmt: skip


def _alert(document: Document) -> Alert:
    plain: dict[str, Any] = {name: document[name] for name in _PLAIN & document.keys()}
    consultation, region = document["consultation"], document["region"]
    # what an older version made has none
    summary = document.get("summary")
    return Alert(
        id=document["_id"],
        cause=UUID(document["cause"]),
        consultation=UUID(consultation) if consultation else None,
        region=Region.model_validate(region) if region else None,
        summary=Summary.model_validate(summary) if summary else None,
        resends=tuple(document["resends"]),
        log=tuple(Entry(**entry) for entry in document["log"]),
        **plain,
    )
