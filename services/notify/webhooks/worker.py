"""Takes one subscription's events from the event log to its endpoint, one by one, in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from services.notify.domain.audience import webhook_paused
from services.notify.ports import Alerts, CaseViews, EventLog, WebhookDelivery, Webhooks
from services.notify.webhooks.domain.access import (
    Visibility,
    owner_of,
    sees_only_own,
    visibility,
    visibility_of_own,
)
from services.notify.webhooks.domain.segment import Entry, Segment
from services.notify.webhooks.domain.subscription import (
    UNLEASED,
    Cursor,
    Progress,
    Subscription,
    asks_for,
    attempted,
    paused,
)
from services.notify.webhooks.submitters import Submitters
from shared import metrics
from shared.events import ConsultationSubmitted
from shared.times import new_id
from shared.web.permissions import Caller

log = logging.getLogger(__name__)

#: How long a worker holds a subscription without a word: longer than `RENEW_EVERY` and an attempt
#: together. So long waits, after a crash, what it held.
LEASE = timedelta(seconds=30)
#: How often it says so, and writes down how far it has come. What lies in between is delivered
#: again after a crash, under the same webhook-id.
SAVE_EVERY = timedelta(seconds=1)
RENEW_EVERY = timedelta(seconds=10)
#: Seconds between looks at whether a subscription without news is still held.
IDLE_CHECK_SECONDS = 1.0
#: How long an event waits for what is not known of its consultation yet.
UNKNOWN_AT_MOST = timedelta(minutes=1)
#: For so long a webhook may be ahead of its owner's key: the replica that made it had read the key
#: file already, and this one has not.
KEYS_KNOWN_AFTER = timedelta(seconds=30)
KEY_UNKNOWN = "key_unknown"


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What a worker works with; the same for all of a process."""

    event_log: EventLog
    webhooks: Webhooks
    cases: CaseViews
    delivery: WebhookDelivery
    on_pause: Callable[[Subscription, datetime], Awaitable[None]]
    """Called before a pause is written down; to be repeated without harm."""
    submitters: Submitters
    owner: Callable[[str], Caller | str | None]
    """Whom a key of this id lets in now, or its state; asked at each event, as of a second ago."""
    clock: Callable[[], datetime]
    """The database server's time, which all replicas share."""
    jitter: Callable[[], float]


class Worker:
    def __init__(self, context: WorkerContext, held: Subscription) -> None:
        """`held`: taken for `LEASE` just now."""
        self._context = context
        self._held = held
        self._saved_at = context.clock()
        self._dirty = False
        self._ended = False

    @property
    def fencing_token(self) -> int:
        return self._held.fencing_token

    @property
    def waits_since(self) -> datetime | None:
        """When the segment was written that it is at; None where it has come to the end."""
        return self._segment_at

    _segment_at: datetime | None = None

    def end(self) -> None:
        """After the attempt under way."""
        self._ended = True

    async def run(self) -> None:
        """Until it is ended, has to wait for another attempt, or is paused."""
        while not self._ended:
            segment = await self._segment()
            if segment is None:
                await self._idle()
                continue
            self._segment_at = segment.at
            if not await self._through(segment):
                return
            await self._keep(RENEW_EVERY)
            await asyncio.sleep(0)  # a long way through what is for others holds up nobody
        await self._save(UNLEASED)

    async def _segment(self) -> Segment | None:
        """The segment with the next event; None where that is yet to come."""
        cursor = self._progress.cursor
        segment = await self._context.event_log.segment(cursor.segment)
        if segment is None and cursor.segment <= self._context.event_log.last:
            first = await self._context.event_log.first()
            if first is not None and first > cursor.segment:
                log.warning(
                    "webhook lags behind the journal",
                    extra={"webhook": str(self._held.id), "pages": first - cursor.segment},
                )
                self._advance(Cursor(first))
                segment = await self._context.event_log.segment(first)
        return segment

    async def _idle(self) -> None:
        self._segment_at = None
        await self._keep(SAVE_EVERY if self._dirty else RENEW_EVERY)
        await self._context.event_log.beyond(self._progress.cursor.segment, IDLE_CHECK_SECONDS)

    async def _through(self, segment: Segment) -> bool:
        """The events of a segment; False where the worker is done for now."""
        entries = segment.entries
        for index in range(self._progress.cursor.index, len(entries)):
            entry, following = entries[index], _behind(segment, index, entries)
            if self._ended:
                return True
            if not asks_for(self._held, entry.name, entry.kecamatan):
                self._advance(following)
                continue
            owner = owner_of(self._held, self._context.owner(self._held.owner))
            if isinstance(owner, str) and not (owner == KEY_UNKNOWN and self._is_new()):
                return await self._pause(paused(self._progress, owner))
            match await self._visibility(owner, entry, segment.at):
                case Visibility.HIDDEN:
                    self._advance(following)
                    continue
                case Visibility.UNKNOWN:
                    await self._wait(self._context.clock() + timedelta(seconds=IDLE_CHECK_SECONDS))
                    return False
                case Visibility.SHOWN:
                    pass
            if not await self._deliver(entry, following):
                return False
        if self._progress.cursor.segment == segment.number:  # it was read to its end before
            self._advance(Cursor(segment.number + 1))
        return True

    def _is_new(self) -> bool:
        return self._context.clock() - self._held.created_at < KEYS_KNOWN_AFTER

    async def _visibility(self, owner: Caller | str, entry: Entry, written: datetime) -> Visibility:
        if isinstance(owner, str):
            return Visibility.UNKNOWN
        if sees_only_own(owner):
            seen = visibility_of_own(owner, await self._submitter(entry))
        elif owner.territory is None:
            return Visibility.SHOWN
        else:
            event = entry.document()
            case = await self._context.cases.get(UUID(event["consultation"]))
            seen = visibility(owner.territory, event, case)
        if seen is Visibility.UNKNOWN and self._context.clock() - written > UNKNOWN_AT_MOST:
            return Visibility.HIDDEN
        return seen

    async def _submitter(self, entry: Entry) -> str | None:
        event = entry.document()
        consultation = UUID(event["consultation"])
        if entry.name == ConsultationSubmitted.name:
            self._context.submitters.note(consultation, event.get("submitter"))
        return await self._context.submitters.of(consultation)

    async def _deliver(self, entry: Entry, following: Cursor) -> bool:
        """One attempt, and what follows from it; False where the worker is done for now."""
        if not await self._keep(RENEW_EVERY):
            return False
        outcome = await self._context.delivery.deliver(self._held, entry)
        metrics.WEBHOOKS.labels(outcome.reason or "delivered").inc()
        metrics.WEBHOOK_SECONDS.observe(outcome.milliseconds / 1000)
        after = attempted(
            self._progress,
            outcome,
            event=entry.id,
            type_=entry.type,
            following=following,
            jitter=self._context.jitter(),
            now=self._context.clock(),
        )
        if after.state == "paused":
            return await self._pause(after)
        self._held, self._dirty = replace(self._held, progress=after), True
        if outcome.reason is not None:
            await self._save(UNLEASED)
            return False
        return await self._keep(SAVE_EVERY)

    async def _pause(self, after: Progress) -> bool:
        self._held = replace(self._held, progress=after)
        log.warning("webhook paused", extra={"webhook": str(self._held.id), "reason": after.reason})
        await self._context.on_pause(self._held, self._context.clock())
        await self._save(UNLEASED)
        return False

    async def _wait(self, until: datetime) -> None:
        self._held = replace(self._held, progress=replace(self._progress, next_at=until))
        await self._save(UNLEASED)

    def _advance(self, cursor: Cursor) -> None:
        """Past what is none of its business; written down some time."""
        moved = replace(self._progress, cursor=cursor)
        self._held, self._dirty = replace(self._held, progress=moved), True

    async def _keep(self, every: timedelta) -> bool:
        """Hold on to it; False where somebody else has it."""
        now = self._context.clock()
        if now - self._saved_at < every:
            return True
        return await self._save(now + LEASE)

    async def _save(self, until: datetime) -> bool:
        saved = await self._context.webhooks.save(self._held, until)
        self._saved_at, self._dirty = self._context.clock(), False
        self._ended = self._ended or not saved
        return saved

    @property
    def _progress(self) -> Progress:
        return self._held.progress


def _behind(segment: Segment, index: int, entries: Sequence[Entry]) -> Cursor:
    """The cursor after number `index` of `segment`."""
    if index + 1 < len(entries):
        return Cursor(segment.number, index + 1)
    return Cursor(segment.number + 1)


class PauseAlerts:
    """Tells the owner's contact of a pause that nobody asked for."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    async def tell(self, subscription: Subscription, now: datetime) -> None:
        """Once for each pause, however often a process dies while it is written down: resuming
        raises the version."""
        if subscription.contact is not None:
            cause = uuid5(NAMESPACE_URL, _pause(subscription))
            alert = webhook_paused(subscription.contact, cause, new_id(), now)
            await self._alerts.add(alert)


def _pause(subscription: Subscription) -> str:
    progress = subscription.progress
    at = f"{progress.cursor.segment}.{progress.cursor.index}"
    return f"klikdesa:webhook:{subscription.id}:{subscription.version}:{progress.reason}:{at}"
