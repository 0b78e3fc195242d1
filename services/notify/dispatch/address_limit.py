"""How many messages one address of requesters gets: whoever posts may leave anybody's.

No address was proved to be of whoever left it (docs/decisions/0066). What a provider took is
counted, in a bucket that replicas share, under a keyed hash.
"""

import contextlib
import hmac
from collections.abc import Iterator

from services.notify.channels.base import NotSent
from services.notify.domain.recipients import Address
from shared.limits.buckets import UNLIMITED, Buckets, TooMany


class AddressLimit:
    def __init__(self, messages: Buckets = UNLIMITED, key: str = "") -> None:
        """`key`: without it a hash of all numbers there are would tell whose each is."""
        self._messages = messages
        self._key = key.encode()

    @contextlib.contextmanager
    def counting(self, address: Address) -> Iterator[None]:
        """Around an attempt; one that fails is not counted. Raises `NotSent`, for good: what was
        posted in somebody's name is not told them later."""
        key = self._hash(address)
        try:
            self._messages.take(key)
        except TooMany:
            raise NotSent("too_many", permanent=True) from None
        try:
            yield
        except BaseException:
            self._messages.give_back(key)
            raise

    def _hash(self, address: Address) -> str:
        text = f"{address.channel}:{address.value.casefold()}"
        return hmac.digest(self._key, text.encode(), "sha256").hex()[:32]
