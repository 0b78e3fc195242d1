"""A keyring for tests, one key for each role or those that a test asks for; and keys that messages
of tests are signed with, and messages that are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from aio_pika.abc import AbstractMessage

from shared.errors import PublishFailed
from shared.messaging import topology
from shared.messaging.signing import EventKeys, Signing
from shared.web.api_keys import digest
from shared.web.permissions import OF_A_KEY, OF_ONE_KECAMATAN, Role

TERRITORY = "64.02.06"
KEYS: Mapping[Role, str] = {role: f"key of {role}" for role in OF_A_KEY}


def key_row(id_: str, key: str, role: Role, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "role": role, "sha256": digest(key), **fields}


def keyring_text(*rows: Mapping[str, Any]) -> str:
    """`rows`, or else `KEYS`, those of one kecamatan being of `TERRITORY`."""
    return json.dumps(
        rows
        or [
            key_row(
                f"test-{role}",
                key,
                role,
                **({"territory": TERRITORY} if role in OF_ONE_KECAMATAN else {}),
            )
            for role, key in KEYS.items()
        ]
    )


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


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
