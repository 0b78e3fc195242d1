"""What every channel is to the dispatcher. Each tells two kinds of failure apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from services.notify.message import Message

#: Codes of attempts that reached nobody, or only a provider that asked to wait: no reason to
#: count them against the alert.
HELD_BACK = frozenset({"circuit_open", "channel_busy", "rate_limited"})


@dataclass(frozen=True, slots=True)
class Order:
    """One message to one address. `id` is the same for every attempt; `in_session`: the recipient
    wrote to us lately, so that a free text may be sent; `body`: for channels that carry data."""

    id: str
    address: str
    message: Message
    in_session: bool = False
    body: Mapping[str, Any] | None = None


class Sender(Protocol):
    channel: str
    timeout: float
    """Seconds after which an attempt is over, whatever the provider does."""

    async def send(self, order: Order) -> str | None:
        """Hand it to the provider; the provider's id for it. Raises `NotSent`."""
        ...

    async def close(self) -> None: ...


class NotSent(Exception):
    """The provider did not take it."""

    def __init__(
        self,
        because: str,
        *,
        permanent: bool,
        retry_after: timedelta | None = None,
        address_is_bad: bool = False,
    ) -> None:
        """`because`: a short stable code such as `smtp_550`; `permanent`: trying this channel
        again cannot help."""
        super().__init__(because)
        self.because = because
        self.permanent = permanent
        self.retry_after = retry_after
        self.address_is_bad = address_is_bad
