"""What is to be done about a leased alert now: sent (where?), held, suppressed or given up.

Decided anew at each attempt: the directory may have changed, the case been answered, the evening
have come; and a requester's contact is kept nowhere but in intake.
"""

import contextlib
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.notify.domain.alert import DIGEST, Alert
from services.notify.domain.case_view import CaseView
from services.notify.domain.delivery_decision import (
    Deliver,
    DeliveryDecision,
    GiveUp,
    Hold,
    Suppress,
    coalesced,
    held_until,
    is_receipt,
    may_coalesce,
    summary_held_until,
)
from services.notify.domain.message import Facts, Language, LinkToken
from services.notify.domain.recipients import (
    LOG,
    Address,
    fallback_channels,
    kind_of,
)
from services.notify.ports import (
    Alerts,
    CaseViews,
    MovedChats,
    Office,
    OptOuts,
    Recipients,
    Requesters,
)
from shared.errors import Conflict
from shared.events import CaseDeadlineMissed, CaseReminderDue
from shared.storage.retrying import retry_on_conflict
from shared.times import local_day

log = logging.getLogger(__name__)

#: Told only while there is something to be done about them, by whom they are told.
REMINDERS = frozenset({CaseReminderDue.name, CaseDeadlineMissed.name})


@dataclass(frozen=True, slots=True)
class ResolvedContact:
    """Where, in which language, and whether hours matter.

    `addresses`: one or more, the first to be tried first. `ticket`: of a requester, who follows
    the consultation by it."""

    addresses: list[Address]
    language: Language
    quiet_hours: bool
    ticket: str | None = None
    link: LinkToken | None = None
    unsubscribe: str | None = field(default=None, repr=False)


class ContactResolver:
    def __init__(
        self,
        cases: CaseViews,
        recipients: Recipients,
        requesters: Requesters,
        opt_outs: OptOuts,
        moves: MovedChats,
        channels: Collection[str],
    ) -> None:
        """`channels`: the senders that there are."""
        self._cases = cases
        self._recipients = recipients
        self._requesters = requesters
        self._opt_outs = opt_outs
        self._moves = moves
        self._channels = channels

    async def resolve(self, alert: Alert) -> ResolvedContact | Suppress | GiveUp:
        """Raises `NotSent` where intake is away."""
        if alert.recipient_kind == "requester":
            return await self._requester(alert)
        directory = await self._recipients.directory()
        recipient = directory.get(alert.recipient)
        addresses = fallback_channels(
            recipient.channels if recipient else (), self._channels, alert.recipient
        )
        if not addresses:
            return GiveUp("no_address" if recipient else "unknown_recipient")
        if recipient is None:
            return ResolvedContact(addresses, "id", quiet_hours=True)
        return ResolvedContact(addresses, recipient.language, recipient.quiet_hours)

    async def _requester(self, alert: Alert) -> ResolvedContact | Suppress:
        if alert.consultation is None:
            return Suppress("no_contact")
        contact = await self._requesters.contact(alert.consultation)
        if contact is None:
            return Suppress("no_contact")
        given = Address.meant(contact.channel, contact.address)
        address = await self._moves.follow(given)
        addresses = fallback_channels([address], self._channels, alert.recipient)
        if not addresses:
            return Suppress("no_channel")
        # an older wish is kept under what was made of the address as it was written
        written = Address(contact.channel, contact.address)
        if await self._opt_outs.has(written, given, address):
            return Suppress("opted_out")
        return ResolvedContact(
            addresses,
            contact.language,
            quiet_hours=True,
            ticket=contact.ticket,
            link=contact.link,
            unsubscribe=self._opt_outs.token(address) if address.channel == "email" else None,
        )

    async def moved(self, alert: Alert, address: Address, moved_to: str) -> None:
        """The alert's recipient has `moved_to` from now on in the place of `address`.

        A requester's contact is intake's: here is kept where it leads. An opt-out goes along.
        """
        log.info("address moved", extra={"alert": alert.id, "channel": address.channel})
        await self._opt_outs.carry(address, Address.meant(address.channel, moved_to))
        if alert.recipient_kind == "requester":
            await self._moves.note(address, moved_to)
            return

        async def put() -> None:
            found = await self._recipients.get(alert.recipient)
            if found is None:
                return
            channels = tuple(
                replace(one, value=moved_to) if _same(one, address) else one
                for one in found.channels
            )
            if channels != found.channels:
                await self._recipients.put(replace(found, channels=channels), after=found.version)

        with contextlib.suppress(Conflict):  # the next attempt is told of it again
            await retry_on_conflict(put)


def _same(one: Address, other: Address) -> bool:
    return (kind_of(one.channel), one.value) == (kind_of(other.channel), other.value)


class DeliveryDecider:
    def __init__(
        self,
        alerts: Alerts,
        cases: CaseViews,
        recipients: Recipients,
        resolver: ContactResolver,
        office: Office,
        clock: Callable[[], datetime],
    ) -> None:
        self._alerts = alerts
        self._cases = cases
        self._recipients = recipients
        self._resolver = resolver
        self._office = office
        self._clock = clock

    async def decide(self, alert: Alert) -> tuple[Alert, DeliveryDecision]:
        """With what has become known of the case since. Raises `NotSent` where intake is away."""
        alert, stale = await self._informed(alert)
        if stale:
            return alert, Suppress("settled")
        if alert.consultation is not None and may_coalesce(alert):
            others = await self._alerts.of_consultation(alert.consultation)
            alert, decision = coalesced(alert, others, self._clock())
            if decision is not None:
                return alert, decision
        contact = await self._resolver.resolve(alert)
        if isinstance(contact, Suppress | GiveUp):
            return alert, contact
        if alert.step >= len(contact.addresses):
            # the last one took it, and returned it later
            return alert, GiveUp(alert.reason or "no_channel")
        address = contact.addresses[alert.step]
        alert = replace(alert, channel=address.channel)
        # the log disturbs nobody
        if (
            contact.quiet_hours
            and address.channel != LOG
            and (until := await self._held_until(alert))
        ):
            return alert, Hold(until)
        items = await self._listed(alert) if alert.event == DIGEST else ()
        if alert.event == DIGEST and not items:
            return alert, Suppress("nothing_open")
        facts = alert.facts(
            ticket=contact.ticket, link=contact.link, unsubscribe=contact.unsubscribe, items=items
        )
        return alert, Deliver(address, len(contact.addresses), contact.language, facts)

    async def moved(self, alert: Alert, address: Address, moved_to: str) -> None:
        """The recipient has `moved_to` from now on in the place of `address`."""
        await self._resolver.moved(alert, address, moved_to)

    async def _informed(self, alert: Alert) -> tuple[Alert, bool]:
        """The alert with what its event did not tell, and whether it has become pointless."""
        may_be_stale = _reminds(alert) or is_receipt(alert)
        if alert.consultation is None or (alert.kind and not may_be_stale):
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
        return informed, alert.edition == 1 and _is_stale(alert, case)

    async def _held_until(self, alert: Alert) -> datetime | None:
        """When the quiet hours end that it falls into."""
        now = self._clock()
        working = await self._office.working_days(local_day(now))
        if alert.summary:
            return summary_held_until(now, working)
        return held_until(alert.recipient_kind, now, working)

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


def _is_stale(alert: Alert, case: CaseView) -> bool:
    """Reminding of what was done, or is somebody else's; the receipt of what is over already."""
    if is_receipt(alert):
        return case.stage == "over"
    is_elsewhere = alert.recipient_kind == "officer" and case.officer not in (None, alert.recipient)
    return _reminds(alert) and (not case.is_open or is_elsewhere)


def _item(case: CaseView, digest: Alert) -> Facts:
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
