"""Which of our channels reaches an address. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping

from services.notify.directory import Way

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
                found.append(Way(name, _in_form(way)))
                break
    return found


def _in_form(way: Way) -> str:
    """Numbers as people write them, `0812-5555 1234`, become `+6281255551234`."""
    if way.channel not in NUMBERS:
        return way.address
    number = re.sub(r"[\s()./\-]", "", way.address)
    if number.startswith("0"):
        return f"+62{number[1:]}"
    return f"+{number}" if number.startswith("62") else number
