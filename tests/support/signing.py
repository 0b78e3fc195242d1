"""Keys that messages of tests are signed with, and messages that are."""

from pathlib import Path
from typing import TypeVar

from aio_pika.abc import AbstractMessage

from shared.errors import PublishFailed
from shared.messaging import topology
from shared.messaging.signing import EventKeys, Signing

Message = TypeVar("Message", bound=AbstractMessage)

#: Of every pair, each its own.
TEST_KEYS = EventKeys(
    {
        pair: {"t1": number.to_bytes(32, "big")}
        for number, pair in enumerate(sorted(topology.PAIRS), start=1)
    }
)
TEST_SIGNING = Signing.fixed(TEST_KEYS)


def signing_in(secrets: Path) -> Signing:
    """With all keys of a system whose secrets are there."""
    return Signing.fixed(EventKeys.parse((secrets / "klik_event_keys").read_text()))


def signed(message: Message, consumer: str, signing: Signing = TEST_SIGNING) -> Message:
    """The same, with its owner's signature for `consumer`; where that is sent nothing of the
    kind, without one."""
    try:
        signing.sign_for(consumer, message)
    except PublishFailed:
        return message
    return message
