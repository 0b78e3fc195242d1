"""Which of our channels reaches an address. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from services.notify.domain.alert import Alert
from services.notify.domain.recipients import Directory, Way
from shared.text import contacts

LOG = "log"
"""The channel that reaches nobody."""
LOG_ONLY = "log_only"
"""Why an alert is suppressed of which only the log has a line."""

#: Kind of address → the senders that take it, the first that is there.
SENDERS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "smtp"),
    "whatsapp": ("whatsapp", "gateway"),
}


def steps(ways: Iterable[Way], senders: Collection[str], recipient: str) -> list[Way]:
    """The ways that there is a sender for, in order, under the sender's name.

    The log stands in where there is no other: it reaches nobody, so it comes neither before nor
    after what does. A system whose only sender it is writes everything there.
    """
    taken = _taken(ways, senders, recipient)
    return [replace(way, address=plain(way)) for way in taken]


def _taken(ways: Iterable[Way], senders: Collection[str], recipient: str) -> list[Way]:
    """With the addresses as they were written."""
    if set(senders) == {LOG}:
        return [Way(LOG, recipient)]
    found = []
    for way in ways:
        for name in SENDERS.get(way.channel, (way.channel,)):
            if name in senders:
                found.append(replace(way, channel=name))
                break
    return [way for way in found if way.channel != LOG] or found


def first_channel(alert: Alert, directory: Directory, senders: Collection[str]) -> str | None:
    """What it will go by first, as far as the directory says: nothing of a requester's."""
    recipient = directory.get(alert.recipient)
    ways = _taken(recipient.channels, senders, recipient.id) if recipient else ()
    return ways[0].channel if ways else None


def kind_of(channel: str) -> str:
    """The kind of address, whichever of our senders takes it: `gateway` reaches a `whatsapp`."""
    return next((kind for kind, names in SENDERS.items() if channel in names), channel)


def plain(way: Way) -> str:
    """The address in its one form: a number as people write them, `0812-5555 1234`, becomes
    `+6281255551234`."""
    return contacts.meant(kind_of(way.channel), way.address)


def spellings(way: Way) -> list[str]:
    """What opt-outs of this address may be kept under: its one form, then what it was taken for
    before `shared/text/phones.py` read numbers. `+62 0812…` became +620812…, `0062812…`
    +62062812…."""
    number = plain(way)
    found = [number]
    if kind_of(way.channel) == "whatsapp":
        found.append(_once(way.address))
        if number.startswith("+62"):
            own = number.removeprefix("+62")
            found += [f"+620{own}", f"+62062{own}", own]
    return list(dict.fromkeys(found))


def _once(written: str) -> str:
    number = re.sub(r"[\s()./\-]", "", written)
    if number.startswith("0"):
        return f"+62{number[1:]}"
    return f"+{number}" if number.startswith("62") else number
