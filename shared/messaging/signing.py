"""Proof of who published a message: an HMAC for each service that is sent it.

Every pair of publisher and consumer has keys of its own. A consumer has to know its key to check
with it, and so could sign with it too: to itself, and to nobody else. A message is signed once,
however many events are in it, over its type, its content type and its body. Whose word it must be
follows from the type (`topology.OWNERS`); nobody is asked who they are.

Keys are `{"intake>routing": "e2:base64,e1:base64", …}`: the first one signs, all of them are taken.
"""

import hashlib
import hmac
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from aio_pika.abc import AbstractMessage

from shared.errors import ForgedEvent, PublishFailed
from shared.events import EVENTS
from shared.keys.followed_file import FollowedFile
from shared.keys.named import parse_keys
from shared.messaging import topology
from shared.messaging.envelope import BATCH, event_type
from shared.settings import Settings

#: The header: `routing=e1:<base64> notify=e1:<base64>`.
SIGNATURES = "x-klik-signatures"
#: Letters of it that are looked at: each signature has some sixty.
LONGEST = 1024

#: A key's id, as it may be named in a log and to an operator.
KEY_ID = r"[A-Za-z0-9]{1,16}"
_SIGNATURE = re.compile(rf"([a-z]+)=({KEY_ID}):([A-Za-z0-9+/]{{43}}=)")
#: What the header looks like, for who shows it.
SIGNATURE_LIST = rf"{_SIGNATURE.pattern}( {_SIGNATURE.pattern})*"
_CONSUMERS: Mapping[str, tuple[str, ...]] = {
    event.type(): topology.CONSUMERS[event.name] for event in EVENTS
}


@dataclass(frozen=True, slots=True)
class EventKeys:
    """Publisher and consumer → key id → key, the newest first."""

    pairs: Mapping[tuple[str, str], Mapping[str, bytes]]

    @classmethod
    def parse(cls, text: str, needed: Iterable[tuple[str, str]] = ()) -> Self:
        """Raises ValueError, which shows no key; also where one of the pairs `needed` has none."""
        try:
            read = json.loads(text)
            pairs = {tuple(pair.split(">")): parse_keys(keys) for pair, keys in read.items()}
        except (ValueError, AttributeError):
            raise ValueError(
                'KLIK_EVENT_KEYS: expected {"intake>routing": "<id>:<base64 of 32 bytes>", …}'
            ) from None
        if not all(re.fullmatch(KEY_ID, id_) for keys in pairs.values() for id_ in keys):
            raise ValueError("KLIK_EVENT_KEYS: ids of keys have up to 16 letters and digits")
        if missing := sorted(set(needed) - pairs.keys()):
            said = ", ".join(">".join(pair) for pair in missing)
            raise ValueError(f"KLIK_EVENT_KEYS: no key for {said}; `klik secrets` makes them")
        return cls(pairs)

    def text(self) -> str:
        """What `parse` reads."""
        found = {
            ">".join(pair): ",".join(
                f"{id_}:{b64encode(key).decode()}" for id_, key in keys.items()
            )
            for pair, keys in sorted(self.pairs.items())
        }
        return json.dumps(found, indent=1) + "\n"


def pairs_of(service: str) -> set[tuple[str, str]]:
    """What a service signs with, and what it checks with."""
    return {pair for pair in topology.PAIRS if service in pair}


class Signing:
    """Signs messages and checks them, with the keys that are there now."""

    def __init__(
        self, keys: Callable[[], EventKeys], look: Callable[[], EventKeys] | None = None
    ) -> None:
        """`look`: reads the keys again at once, for a message that came before news of its key."""
        self._keys = keys
        self._look = look or keys

    @classmethod
    def of(cls, settings: Settings, service: str) -> Self:
        """With the keys of one service; those in a file are followed when it changes.

        Raises ValueError or OSError where it lacks one.
        """

        def parse(text: str) -> EventKeys:
            return EventKeys.parse(text, pairs_of(service))

        if path := settings.file_of("event_keys"):
            file = FollowedFile(path, parse, "event keys")
            return cls(file.now, file.look)
        return cls.fixed(parse(settings.event_keys.get_secret_value()))

    @classmethod
    def fixed(cls, keys: EventKeys) -> Self:
        return cls(lambda: keys)

    def sign(self, message: AbstractMessage) -> None:
        """As the owner of its event, for everybody who is sent it. Raises `PublishFailed` where
        there is no key for that."""
        self._put(message, _CONSUMERS.get(type_of(message) or "", ()))

    def sign_for(self, consumer: str, message: AbstractMessage) -> None:
        """As the owner of its event, for one who is sent it."""
        self._put(message, (consumer,))

    def _put(self, message: AbstractMessage, consumers: Iterable[str]) -> None:
        keys, type_ = self._keys(), type_of(message)
        owner, signed = topology.owner_of(type_), _signed_part(message)
        said = []
        for consumer in consumers:
            if owner is None or not (of_pair := keys.pairs.get((owner, consumer))):
                raise PublishFailed(f"no key for {owner}>{consumer}")
            id_, key = next(iter(of_pair.items()))
            said.append(f"{consumer}={id_}:{_mac(key, signed)}")
        message.headers[SIGNATURES] = " ".join(said)

    def check(self, message: AbstractMessage, consumer: str) -> None:
        """Raises `ForgedEvent` unless the owner of its event signed it for `consumer`."""
        owner = topology.owner_of(type_of(message))
        if owner is None:
            raise ForgedEvent("of no type that a service owns")
        found = _signature_for(consumer, message.headers.get(SIGNATURES))
        if found is None:
            raise ForgedEvent(f"not signed for {consumer}")
        id_, mac = found
        key = self._keys().pairs.get((owner, consumer), {}).get(id_)
        if key is None:
            key = self._look().pairs.get((owner, consumer), {}).get(id_)
        if key is None:
            raise ForgedEvent(f"signed with a key of {owner} that is not there: {id_}")
        if not hmac.compare_digest(_mac(key, _signed_part(message)), mac):
            raise ForgedEvent(f"not signed by {owner}, or altered")


def type_of(message: AbstractMessage) -> str | None:
    """The type of its event or, where they are several, of all of them."""
    return message.type if message.content_type == BATCH else event_type(message.headers)


def _signed_part(message: AbstractMessage) -> bytes:
    # neither can hold a NUL where a service signs it, and the digest's length is known
    named = f"{type_of(message)}\0{message.content_type}\0"
    return named.encode("utf-8", "surrogatepass") + hashlib.sha256(message.body).digest()


def _mac(key: bytes, signed: bytes) -> str:
    mac = _prepared(key).copy()
    mac.update(signed)
    return b64encode(mac.digest()).decode()


@lru_cache(maxsize=128)
def _prepared(key: bytes) -> hmac.HMAC:
    # to begin anew for each signature takes three times as long
    return hmac.new(key, digestmod="sha256")


def _signature_for(consumer: str, header: Any) -> tuple[str, str] | None:
    if not isinstance(header, str):
        return None
    for part in header[:LONGEST].split(" "):
        if (found := _SIGNATURE.fullmatch(part)) and found[1] == consumer:
            return found[2], found[3]
    return None
