"""Subscriptions in MongoDB: one document each, with its settings and how far it has come.

Who changes settings guards them by `version`. A worker guards its progress by `fencing_token`,
which is a new one whenever a worker takes the subscription or its settings change: whoever held it
before can write no more.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.webhooks.domain.subscription import (
    UNLEASED,
    Attempt,
    Cursor,
    Progress,
    Secret,
    Subscription,
    SubscriptionLease,
)
from shared.errors import Conflict
from shared.storage.mongo import Collection, Document


class Webhooks:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        await self._collection.index(("owner", 1))

    # for owners

    async def add(self, subscription: Subscription) -> None:
        await self._collection.insert(
            {"_id": str(subscription.id), **_settings(subscription), **_progress(subscription)}
        )

    async def get(self, id_: UUID) -> Subscription | None:
        found = await self._collection.get(str(id_))
        return None if found is None else _subscription(found)

    async def page(
        self, owner: str | None, *, after: UUID | None, limit: int
    ) -> list[Subscription]:
        """Oldest first; everybody's where `owner` is None. `after`: the last of the page before."""
        query: Document = {} if owner is None else {"owner": owner}
        if after is not None:
            query["_id"] = {"$gt": str(after)}
        found = await self._collection.find(query, sort=[("_id", 1)], limit=limit)
        return [_subscription(one) for one in found]

    async def count(self, owner: str) -> int:
        return await self._collection.count({"owner": owner})

    async def change(self, before: Subscription, after: Subscription) -> Subscription:
        """Keep `after` in the place of `before`; whoever held it then lets go.

        Raises `Conflict` where it has changed since. Its worker counts only where the progress is
        to be another one.
        """
        guard: Document = {"_id": str(before.id), "version": before.version}
        values = {**_settings(after), "version": before.version + 1, "leased_until": UNLEASED}
        del values["turn"]
        if after.progress != before.progress:
            guard |= {"turn": before.fencing_token, **_where(before.progress.cursor)}
            values |= _progress(after)
        update = {"$set": values, "$inc": {"turn": 1}}
        if not await self._collection.update(guard, update):
            raise Conflict(f"webhook {before.id} is past version {before.version}")
        found = await self.get(before.id)
        if found is None:
            raise Conflict(f"webhook {before.id} is gone")
        return found

    async def remove(self, id_: UUID) -> None:
        await self._collection.delete_all({"_id": str(id_)})

    # for workers

    async def leases(self) -> list[SubscriptionLease]:
        only = ["turn", "progress.state", "progress.next_at", "leased_until"]
        return [
            SubscriptionLease(
                UUID(one["_id"]),
                one["turn"],
                one["progress"]["state"],
                one["progress"]["next_at"],
                one["leased_until"],
            )
            for one in await self._collection.find({}, only=only)
        ]

    async def take(self, lease: SubscriptionLease, until: datetime) -> Subscription | None:
        """Hold it until then; None where another worker was quicker."""
        mine = {"turn": lease.fencing_token + 1, "leased_until": until}
        taken = await self._collection.update(
            {"_id": str(lease.id), "turn": lease.fencing_token, "leased_until": lease.leased_until},
            {"$set": mine},
        )
        found = await self.get(lease.id) if taken else None
        return (
            found if found is not None and found.fencing_token == lease.fencing_token + 1 else None
        )

    async def save(self, held: Subscription, until: datetime) -> bool:
        """Keep its progress and hold it until then; False where it is in other hands."""
        return await self._collection.update(
            {"_id": str(held.id), "turn": held.fencing_token},
            {"$set": {**_progress(held), "leased_until": until}},
        )


def _where(cursor: Cursor) -> Document:
    return {f"progress.position.{name}": value for name, value in _position(cursor).items()}


def _position(cursor: Cursor) -> Document:
    """A cursor under the names that documents have had from the first version on."""
    return {"page": cursor.segment, "index": cursor.index}


def _cursor(document: Document) -> Cursor:
    return Cursor(document["page"], document["index"])


def _settings(one: Subscription) -> Document:
    return {
        "owner": one.owner,
        "territory": one.territory,
        "role": one.role,
        "by_token": one.by_token,
        "created_at": one.created_at,
        "url": one.url,
        "events": list(one.events),
        "kecamatan": list(one.kecamatan),
        "contact": one.contact,
        "secrets": [asdict(secret) for secret in one.secrets],
        "version": one.version,
        "turn": one.fencing_token,
        "leased_until": UNLEASED,
    }


def _progress(one: Subscription) -> Document:
    progress = asdict(one.progress)
    del progress["cursor"]
    start = one.progress.failing_from
    changed = {
        "position": _position(one.progress.cursor),
        "failing_from": _position(start) if start else None,
        "recent": [{**line, "event": str(line["event"])} for line in progress["recent"]],
    }
    return {"progress": {**progress, **changed}}


def _subscription(document: Mapping[str, Any]) -> Subscription:
    told = dict(document["progress"])
    start = told["failing_from"]
    changed = {
        "cursor": _cursor(told.pop("position")),
        "failing_from": _cursor(start) if start else None,
        "recent": tuple(Attempt(**{**one, "event": UUID(one["event"])}) for one in told["recent"]),
    }
    return Subscription(
        id=UUID(document["_id"]),
        owner=document["owner"],
        territory=document["territory"],
        role=document.get("role"),
        by_token=document.get("by_token", False),
        created_at=document["created_at"],
        url=document["url"],
        events=tuple(document["events"]),
        kecamatan=tuple(document["kecamatan"]),
        contact=document["contact"],
        secrets=tuple(Secret(**one) for one in document["secrets"]),
        progress=Progress(**{**told, **changed}),
        version=document["version"],
        fencing_token=document["turn"],
    )
