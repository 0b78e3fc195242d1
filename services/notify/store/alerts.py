"""Alerts in MongoDB: one document each, its delivery log and its outbox inside."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from services.notify.domain.alert import Alert, Backlog, Entry
from shared.errors import Conflict, Duplicate, StoreUnavailable
from shared.events import Event, Region, Summary
from shared.messaging.outbox import Outbox
from shared.storage.batching import BACKGROUND_SECONDS, GroupCommit, Loader
from shared.storage.documents import difference, fields_of, merged
from shared.storage.mongo import EPOCH, Collection, Document, until
from shared.storage.retrying import retry_while_unavailable
from shared.times import new_id

#: More than there are desa.
REGIONS_CACHED = 512


class AlertStore:
    """A document that lacks `order` is of an older version's making, and over."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox
        self._inserts: GroupCommit[Document, None] = GroupCommit(
            collection.insert_each, window=BACKGROUND_SECONDS
        )
        self._of_consultation: Loader[str, tuple[Alert, ...]] = Loader(
            self._of_consultations, window=BACKGROUND_SECONDS
        )

    async def prepare(self) -> None:
        await self._collection.index(("next_at", 1))
        await self._collection.index(("channel", 1), ("next_at", 1))
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

    async def save(self, before: Alert, alert: Alert, event: Event | None) -> None:
        """Write what changed since `before`, with the event; raises `Conflict` where that version
        is gone."""
        told = self._outbox.changes([event] if event else [])
        update = merged(difference(before, alert, _FIELDS, _kept), told)
        # another lease may have been written since
        update["$set"]["next_at"] = alert.next_at
        if not await self._collection.update_guarded(alert.id, before.version, update):
            raise Conflict(f"alert {alert.id} is past version {before.version}")
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
        channel: str | None,
        now: datetime,
        lease: timedelta,
        limit: int,
        *,
        created_before: datetime | None = None,
    ) -> list[Alert]:
        """Alerts of one channel that are due, the longest due first, leased for this process alone
        until `now` + `lease`; None: those whose channel is not known yet.

        What is due and leased was left by a process that died: it comes back with `claims` above 1.
        """
        due: dict[str, Any] = {"channel": channel, "next_at": until(now)}
        if created_before is not None:
            due["created_at"] = {"$lte": created_before}
        found = await self._collection.find(
            due, sort=[("next_at", 1)], limit=limit, only=["next_at"]
        )
        if not found:
            return []
        since = {one["_id"]: one["next_at"] for one in found}
        ids = {"_id": {"$in": list(since)}}
        by = new_id().hex
        claim = {"state": "claimed", "claimed_by": by, "next_at": now + lease}
        # whose answer is lost is leased all the same, and would wait for the lease to run out
        with suppress(StoreUnavailable):
            if not await self._collection.update_all(
                {**ids, **due}, {"$set": claim, "$inc": {"version": 1, "claims": 1}}
            ):
                return []
        mine = await retry_while_unavailable(
            partial(self._collection.find, {**ids, "claimed_by": by})
        )
        return [_alert(one, since[one["_id"]]) for one in mine]

    async def adopt(self, channels: Sequence[str], now: datetime) -> int:
        """Have those that are due at other channels than these find one anew; how many."""
        others = {"next_at": until(now), "channel": {"$nin": [None, *channels]}}
        return await self._collection.update_all(others, {"$set": {"channel": None}})

    async def look_again(self, reason: str, now: datetime) -> int:
        """Have those that wait for this reason looked at now; how many they are."""
        waiting = {"state": "waiting", "reason": reason, "next_at": {"$gt": now}}
        return await self._collection.update_all(waiting, {"$set": {"next_at": now}})

    async def renew(self, leased: Sequence[Alert], until: datetime) -> int:
        """Lease them until `until`; how many nobody else took over meanwhile."""
        mine = {
            "_id": {"$in": [one.id for one in leased]},
            "claimed_by": {"$in": list({one.claimed_by for one in leased})},
        }
        return await self._collection.update_all(mine, {"$set": {"next_at": until}})

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
        return await self._of_consultation.load(str(consultation)) or ()

    async def _of_consultations(self, ids: list[str]) -> dict[str, tuple[Alert, ...]]:
        found: dict[str, tuple[Alert, ...]] = {}
        for document in await self._collection.find(
            {"consultation": {"$in": ids}, "order": {"$gt": ""}}
        ):
            found[document["consultation"]] = (
                *found.get(document["consultation"], ()),
                _alert(document),
            )
        return found

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


_FIELDS = tuple(name for name in Alert.__dataclass_fields__ if name not in ("id", "due_since"))


def _state(alert: Alert) -> Document:
    return {name: _kept(getattr(alert, name)) for name in _FIELDS}


def _kept(value: Any) -> Any:
    """As BSON has it."""
    if isinstance(value, tuple):
        return [_kept(one) for one in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Region | Summary):
        return value.model_dump(mode="json")
    if isinstance(value, Entry):
        return {name: its for name, its in fields_of(value).items() if its is not None}
    return value


@lru_cache(REGIONS_CACHED)
def _region(kecamatan: str, desa: str) -> Region:
    return Region(kecamatan=kecamatan, desa=desa)


#: By the same value in the alert and in its document.
_PLAIN = frozenset(_FIELDS) - {"cause", "consultation", "region", "summary", "resends", "log"}


def _alert(document: Document, due_since: datetime | None = None) -> Alert:
    plain: dict[str, Any] = {name: document[name] for name in _PLAIN & document.keys()}
    consultation, region = document["consultation"], document["region"]
    # what an older version made has none
    summary = document.get("summary")
    return Alert(
        id=document["_id"],
        cause=UUID(document["cause"]),
        consultation=UUID(consultation) if consultation else None,
        region=_region(region["kecamatan"], region["desa"]) if region else None,
        summary=Summary.model_validate(summary) if summary else None,
        resends=tuple(document["resends"]),
        log=tuple(Entry(**entry) for entry in document["log"]),
        due_since=due_since,
        **plain,
    )
