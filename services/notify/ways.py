"""Which of our channels reaches an address. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping

from services.notify.alert import Alert
from services.notify.directory import Directory, Way

LOG = "log"

#: Kind of address → the senders that take it, the first that is there.
SENDERS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "smtp"),
    "whatsapp": ("whatsapp", "gateway"),
}
NUMBERS = frozenset({"whatsapp", "gateway", "phone"})


def steps(ways: Iterable[Way], senders: Collection[str], recipient: str) -> list[Way]:
    """The ways that there is a sender for, in order, under the sender's name.

    A system whose only sender is the log tells everybody there.
    """
    if set(senders) == {LOG}:
        return [Way(LOG, recipient)]
    found = []
    for way in ways:
        for name in SENDERS.get(way.channel, (way.channel,)):
            if name in senders:
                found.append(Way(name, plain(way)))
                break
    return found


def first_channel(alert: Alert, directory: Directory, senders: Collection[str]) -> str | None:
    """What it will go by first, as far as the directory says: nothing of a requester's."""
    recipient = directory.get(alert.recipient)
    ways = steps(recipient.channels, senders, recipient.id) if recipient else ()
    return ways[0].channel if ways else None


def kind_of(way: Way) -> str:
    """The kind of address, whichever of our senders takes it: `gateway` reaches a `whatsapp`."""
    kinds = (kind for kind, names in SENDERS.items() if way.channel in names)
    return next(kinds, way.channel)


def plain(way: Way) -> str:
    """The address; a number as people write them, `0812-5555 1234`, becomes `+6281255551234`."""
    if way.channel not in NUMBERS:
        return way.address
    number = re.sub(r"[\s()./\-]", "", way.address)
    if number.startswith("0"):
        return f"+62{number[1:]}"
    return f"+{number}" if number.startswith("62") else number
