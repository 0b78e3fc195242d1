"""What every channel keeps to: an order in, a provider's id or `NotSent` out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from services.notify.domain.message import Message
from shared.events import ProviderId

#: That of an attempt at a provider that is down, and left alone for a while.
CIRCUIT_OPEN = "circuit_open"
#: Codes of attempts that reached nobody, or only a provider that asked to wait: no reason to
#: count them against the alert.
HELD_BACK = frozenset({CIRCUIT_OPEN, "rate_limited"})

#: Sends at the same time on one channel, where nothing speaks for less.
SENDS_AT_ONCE = 4
#: Alerts that one process has in hand for one channel, most of them in line: so that one look at
#: the queue, one question and one write are for many. A quarter of it took twice the commands, and
#: what found no slot was written down again.
IN_HAND = 256

#: A phone number in E.164.
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Order:
    """One attempt to tell one recipient."""

    id: str
    """The alert's, stable over attempts: Message-ID, webhook-id, key against doubles."""
    address: str
    """E-mail address, chat id, phone number in E.164, URL."""
    message: Message
    thread: str | None = None
    """E-mail: what all about one consultation to one recipient hang on, also stable."""
    in_session: bool = False
    """WhatsApp: the recipient wrote within 24 hours."""
    body: Mapping[str, Any] | None = None
    """Webhook: the event as JSON."""


class NotSent(Exception):
    """The provider did not take it, or we cannot know that it did.

    Its text is the code alone: it ends in logs and events, where no address and no token may be.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool,
        retry_after: timedelta | None = None,
        address_is_bad: bool = False,
    ) -> None:
        """`reason`: a short stable code such as `smtp_550`, `no_address` or `timeout`.

        `permanent`: trying this channel again cannot help. `address_is_bad`: the address itself is
        of no use (bounced, blocked by its owner, unknown).
        """
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.address_is_bad = address_is_bad


class Moved(NotSent):
    """It did not take it, since the address is another one now, which it named."""

    def __init__(self, address: str) -> None:
        super().__init__("address_moved", permanent=True, address_is_bad=True)
        self.address = address


class Sender(Protocol):
    """A channel."""

    channel: str
    timeout: float
    """Seconds that one send may take at most."""
    at_once: int
    """Sends at the same time: as many may be doubled by a crash."""

    async def send(self, order: Order) -> str | None:
        """Hand it to the provider; its id for it, where that may be told. Raises `NotSent`."""
        ...

    async def close(self) -> None: ...


class Channel(Sender, Protocol):
    """A sender at its provider's pace."""

    def capacity(self) -> int:
        """Alerts to have in hand for it now: 0 while the provider is left alone, since it is down;
        1 to see whether it still is."""
        ...


def bad_address() -> NotSent:
    """The address is not one of this channel: nobody was asked."""
    return NotSent("bad_address", permanent=True, address_is_bad=True)


_PROVIDER_ID: TypeAdapter[str] = TypeAdapter(ProviderId)


def provider_id(value: object, address: str) -> str | None:
    """A provider's id as events may hold it; None where it does not fit or shows the address."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value)
    if address.lstrip("+@") in text:
        return None
    try:
        return _PROVIDER_ID.validate_python(text)
    except ValidationError:
        return None
