"""Who can be told, as what, and which of our channels reaches them. Pure; the addresses in it are
personal."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Literal, Self

from services.notify.domain.alert import Alert
from services.notify.domain.message import Language, LinkToken
from shared.reference import regions, seed_officers
from shared.text import contacts

DPMD = "dpmd"
Role = Literal["officer", "coordinator", "camat", "dpmd"]

LOG = "log"
"""The channel that reaches nobody."""
LOG_ONLY = "log_only"
"""Why an alert is suppressed of which only the log has a line."""

#: Kind of address → the senders that take it, the first that is there.
SENDERS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "smtp"),
    "whatsapp": ("whatsapp", "gateway"),
}
_KINDS = {name: kind for kind, names in SENDERS.items() for name in names}
_STOP = frozenset({"stop", "berhenti"})
_START = frozenset({"start", "mulai"})


@dataclass(frozen=True)
class Address:
    """An address on a channel. `repr` leaves out what it is: it must not get into a log."""

    channel: str
    value: str

    @classmethod
    def meant(cls, channel: str, written: str) -> Self:
        """In its one form: a number as people write them, `0812-5555 1234`, becomes
        `+6281255551234`. For what comes from elsewhere, and was perhaps kept before it was
        checked."""
        return cls(channel, contacts.meant(kind_of(channel), written))

    def __repr__(self) -> str:
        return f"Address(channel={self.channel!r})"


@dataclass(frozen=True, slots=True)
class Recipient:
    """`channels`: tried in their order. `satgas`: a kecamatan, or `dpmd`."""

    id: str
    role: Role
    satgas: str
    channels: tuple[Address, ...] = ()
    language: Language = "id"
    quiet_hours: bool = True
    digest: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Contact:
    """How a requester is reached, as intake says."""

    channel: str
    address: str = field(repr=False)
    ticket: str
    language: Language = "id"
    link: LinkToken | None = None
    """Opens the consultation's page, from the link of what is told now."""


@dataclass(frozen=True, slots=True)
class OptOutWish:
    """Somebody wants no more messages, or wants them again."""

    number: str = field(repr=False)
    """E.164."""
    out: bool
    at: datetime | None
    """By the provider's clock, where it says."""


def wish_of(text: str) -> Literal["out", "in"] | None:
    """By the whole message being one of four words, in any case, with any full stop."""
    word = text.strip().strip(".!").casefold()
    return "out" if word in _STOP else "in" if word in _START else None


class Directory:
    """Everybody who is not a requester."""

    def __init__(self, recipients: Iterable[Recipient]) -> None:
        self._by_id = {one.id: one for one in recipients}

    def get(self, id_: str) -> Recipient | None:
        return self._by_id.get(id_)

    def in_role(self, role: Role, satgas: str | None) -> list[str]:
        return [one.id for one in self._by_id.values() if (one.role, one.satgas) == (role, satgas)]

    def with_digest(self) -> list[Recipient]:
        return [one for one in self._by_id.values() if one.digest]


def seeds() -> Iterator[Recipient]:
    """The directory of a first start: the first officer of a satgas is its coordinator.

    Camat are in it without an address, which is for the regency to put.
    """
    for satgas, posts in groupby(seed_officers(), key=lambda post: post.satgas):
        for number, post in enumerate(posts):
            yield Recipient(
                id=post.officer,
                role="officer" if number else "coordinator",
                satgas=satgas,
                channels=(Address("email", post.email),),
            )
    for region in regions().values():
        if region.type == "kecamatan":
            yield Recipient(f"camat-{region.code}", "camat", region.code)


def fallback_channels(
    addresses: Iterable[Address], senders: Collection[str], recipient: str
) -> list[Address]:
    """The addresses that there is a sender for, in order, under the sender's name.

    The log stands in where there is no other: it reaches nobody, so it comes neither before nor
    after what does. A system whose only sender it is writes everything there.
    """
    return [Address(name, address.value) for name, address in _taken(addresses, senders, recipient)]


def _taken(
    addresses: Iterable[Address], senders: Collection[str], recipient: str
) -> list[tuple[str, Address]]:
    """By the sender's name."""
    if set(senders) == {LOG}:
        return [(LOG, Address(LOG, recipient))]
    found = []
    for address in addresses:
        for name in SENDERS.get(address.channel, (address.channel,)):
            if name in senders:
                found.append((name, address))
                break
    return [one for one in found if one[0] != LOG] or found


def first_channel(alert: Alert, directory: Directory, senders: Collection[str]) -> str | None:
    """What it will go by first, as far as the directory says: nothing of a requester's."""
    recipient = directory.get(alert.recipient)
    taken = _taken(recipient.channels, senders, recipient.id) if recipient else ()
    return taken[0][0] if taken else None


def kind_of(channel: str) -> str:
    """The kind of address, whichever of our senders takes it: `gateway` reaches a `whatsapp`."""
    return _KINDS.get(channel, channel)


def spellings(address: Address) -> list[str]:
    """What opt-outs of this address may be kept under: itself, then what it was taken for before
    `shared/text/phones.py` read numbers. `+62 0812…` became +620812…, `0062812…` +62062812…."""
    number = address.value
    found = [number]
    if kind_of(address.channel) == "whatsapp":
        found.append(_once(number))
        if number.startswith("+62"):
            own = number.removeprefix("+62")
            found += [f"+620{own}", f"+62062{own}", own]
    return list(dict.fromkeys(found))


def _once(written: str) -> str:
    number = re.sub(r"[\s()./\-]", "", written)
    if number.startswith("0"):
        return f"+62{number[1:]}"
    return f"+{number}" if number.startswith("62") else number
