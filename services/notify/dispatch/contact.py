"""Contact resolution: at which addresses, in which language, and whether hours matter to them.

Looked up at each attempt: the directory may have changed, and a requester's contact is kept nowhere
but in intake.
"""

import contextlib
import logging
from collections.abc import Collection
from dataclasses import dataclass, replace

from services.notify.domain.alert import Alert
from services.notify.domain.delivery_decision import GiveUp, Suppress
from services.notify.domain.message import Language
from services.notify.domain.recipients import (
    Address,
    fallback_channels,
    kind_of,
    plain,
)
from services.notify.ports import CaseViews, MovedChats, OptOuts, Recipients, Requesters
from shared.errors import Conflict
from shared.storage.retrying import retry_on_conflict

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ResolvedContact:
    """`addresses`: one or more, the first to be tried first. `ticket`: of a requester, who follows
    the consultation by it."""

    addresses: list[Address]
    language: Language
    quiet_hours: bool
    ticket: str | None = None


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
        case = await self._cases.get(alert.consultation)
        if case is not None and case.reachable is False:
            return Suppress("no_contact")
        contact = await self._requesters.contact(alert.consultation)
        if contact is None:
            return Suppress("no_contact")
        given = Address(contact.channel, contact.address)
        address = await self._moves.follow(given)
        addresses = fallback_channels([address], self._channels, alert.recipient)
        if not addresses:
            return Suppress("no_channel")
        if await self._opt_outs.has(given, address):
            return Suppress("opted_out")
        return ResolvedContact(addresses, contact.language, quiet_hours=True, ticket=contact.ticket)

    async def moved(self, alert: Alert, address: Address, moved_to: str) -> None:
        """The alert's recipient has `moved_to` from now on in the place of `address`.

        A requester's contact is intake's: here is kept where it leads. An opt-out goes along.
        """
        log.info("address moved", extra={"alert": alert.id, "channel": address.channel})
        await self._opt_outs.carry(address, Address(address.channel, moved_to))
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
    return (kind_of(one.channel), plain(one)) == (kind_of(other.channel), plain(other))
