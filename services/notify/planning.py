"""What is to be done about a claimed alert now: sent, held, suppressed or given up.

Decided anew at each attempt: the directory may have changed, the case been answered, the evening
have come.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.notify.alert import DIGEST, Alert
from services.notify.casefile import CaseFile
from services.notify.directory import Directory, Language, Way
from services.notify.facts import Facts
from services.notify.folding import is_folded
from services.notify.quiet import WorkingDays, held_until, summary_held_until
from services.notify.requesters import Contact
from services.notify.ways import LOG, steps
from shared.events import CaseDeadlineMissed, CaseReminderDue
from shared.times import local_day

#: Told only while there is something to be done about them, by whom they are told.
REMINDERS = frozenset({CaseReminderDue.name, CaseDeadlineMissed.name})


class Alerts(Protocol):
    async def of_consultation(self, consultation: UUID) -> tuple[Alert, ...]: ...


class CaseFiles(Protocol):
    async def get(self, consultation: UUID) -> CaseFile | None: ...
    async def open_of_officer(self, officer: str) -> list[CaseFile]: ...
    async def open_of_satgas(self, satgas: str) -> list[CaseFile]: ...


class Recipients(Protocol):
    async def directory(self) -> Directory: ...


class Requesters(Protocol):
    async def contact(self, consultation: UUID) -> Contact | None: ...


class OptOuts(Protocol):
    async def has(self, way: Way) -> bool: ...


class Office(Protocol):
    async def working_days(self, today: date) -> WorkingDays: ...


@dataclass(frozen=True, slots=True)
class Hold:
    until: datetime


@dataclass(frozen=True, slots=True)
class Suppress:
    because: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    because: str


@dataclass(frozen=True, slots=True)
class Go:
    way: Way
    steps: int
    language: Language
    facts: Facts


@dataclass(frozen=True, slots=True)
class _Reach:
    """How somebody is reached, and whether hours matter to them."""

    steps: list[Way]
    language: Language
    quiet_hours: bool
    ticket: str | None = None


class Planner:
    def __init__(
        self,
        alerts: Alerts,
        cases: CaseFiles,
        recipients: Recipients,
        requesters: Requesters,
        opt_outs: OptOuts,
        office: Office,
        channels: Collection[str],
        clock: Callable[[], datetime],
    ) -> None:
        """`channels`: the senders that there are."""
        self._alerts = alerts
        self._cases = cases
        self._recipients = recipients
        self._requesters = requesters
        self._opt_outs = opt_outs
        self._office = office
        self._channels = channels
        self._clock = clock

    async def plan(self, alert: Alert) -> tuple[Alert, Hold | Suppress | GiveUp | Go]:
        """With what has become known of the case since. Raises `NotSent` where intake is away."""
        alert, stale = await self._informed(alert)
        if stale:
            return alert, Suppress("settled")
        # the first version of a document can have nothing like it before
        if alert.cause_sequence > 1 and alert.consultation is not None:
            others = await self._alerts.of_consultation(alert.consultation)
            if is_folded(alert, others):
                return alert, Suppress("folded")
        reach = await self._reach(alert)
        if isinstance(reach, Suppress | GiveUp):
            return alert, reach
        if alert.step >= len(reach.steps):
            # the last one took it, and returned it later
            return alert, GiveUp(alert.because or "no_channel")
        way = reach.steps[alert.step]
        alert = replace(alert, channel=way.channel)
        # the log disturbs nobody
        if reach.quiet_hours and way.channel != LOG:
            now = self._clock()
            working = await self._office.working_days(local_day(now))
            until = (
                summary_held_until(now, working)
                if alert.summary
                else held_until(alert.recipient_kind, now, working)
            )
            if until:
                return alert, Hold(until)
        items = await self._listed(alert) if alert.event == DIGEST else ()
        if alert.event == DIGEST and not items:
            return alert, Suppress("nothing_open")
        facts = alert.facts(ticket=reach.ticket, items=items)
        return alert, Go(way, len(reach.steps), reach.language, facts)

    async def _informed(self, alert: Alert) -> tuple[Alert, bool]:
        """The alert with what its event did not tell, and whether it has become pointless."""
        if alert.consultation is None or (alert.kind and not _reminds(alert)):
            return alert, False
        case = await self._cases.get(alert.consultation)
        if case is None:
            return alert, False
        informed = replace(
            alert,
            topic=alert.topic or case.topic,
            kind=alert.kind or case.kind,
            satgas=alert.satgas or case.satgas,
        )
        elsewhere = alert.recipient_kind == "officer" and case.officer not in (
            None,
            alert.recipient,
        )
        stale = _reminds(alert) and alert.edition == 1 and (not case.is_open or elsewhere)
        return informed, stale

    async def _reach(self, alert: Alert) -> _Reach | Suppress | GiveUp:
        if alert.recipient_kind == "requester":
            return await self._reach_requester(alert)
        directory = await self._recipients.directory()
        recipient = directory.get(alert.recipient)
        ways = steps(recipient.channels if recipient else (), self._channels, alert.recipient)
        if not ways:
            return GiveUp("no_address" if recipient else "unknown_recipient")
        if recipient is None:
            return _Reach(ways, "id", quiet_hours=True)
        return _Reach(ways, recipient.language, recipient.quiet_hours)

    async def _reach_requester(self, alert: Alert) -> _Reach | Suppress:
        if alert.consultation is None:
            return Suppress("no_contact")
        case = await self._cases.get(alert.consultation)
        if case is not None and case.reachable is False:
            return Suppress("no_contact")
        contact = await self._requesters.contact(alert.consultation)
        if contact is None:
            return Suppress("no_contact")
        way = Way(contact.channel, contact.address)
        ways = steps([way], self._channels, alert.recipient)
        if not ways:
            return Suppress("no_channel")
        if await self._opt_outs.has(way):
            return Suppress("opted_out")
        return _Reach(ways, contact.language, quiet_hours=True, ticket=contact.ticket)

    async def _listed(self, alert: Alert) -> tuple[Facts, ...]:
        """The cases of a digest: an officer's own, or all of the satgas for who answers for it."""
        recipient = (await self._recipients.directory()).get(alert.recipient)
        if recipient is None:
            return ()
        cases = (
            await self._cases.open_of_officer(recipient.id)
            if recipient.role == "officer"
            else await self._cases.open_of_satgas(recipient.satgas)
        )
        return tuple(_item(case, alert) for case in cases)


def _reminds(alert: Alert) -> bool:
    return alert.event in REMINDERS


def _item(case: CaseFile, digest: Alert) -> Facts:
    return Facts(
        event=DIGEST,
        consultation=case.consultation,
        region=case.region,
        topic=case.topic,
        kind=case.kind,
        satgas=case.satgas,
        level=None,
        clock=None,
        due=case.due,
        ticket=None,
        recipient_kind=digest.recipient_kind,
    )
