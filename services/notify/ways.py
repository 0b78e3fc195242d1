"""Which of our channels reaches an address. Pure."""

from collections.abc import Collection, Iterable, Mapping

from services.notify.directory import Way

LOG = "log"

#: Kind of address → the senders that take it, the first that is there.
SENDERS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "smtp"),
    "whatsapp": ("whatsapp", "gateway"),
}


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
                found.append(Way(name, way.address))
                break
    return found
