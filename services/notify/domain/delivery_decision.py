"""What can be done about an alert."""

from dataclasses import dataclass
from datetime import datetime

from services.notify.domain.message import Facts, Language
from services.notify.domain.recipients import Address


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before this time: the recipient's hours, or what another alert is waited for."""

    until: datetime
    reason: str = "quiet_hours"


@dataclass(frozen=True, slots=True)
class Suppress:
    """Nobody is to be told any more, or wants to be."""

    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Somebody is to be told, and cannot be."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Tell them. `channels`: how many there are to be tried, of which this is one."""

    address: Address
    channels: int
    language: Language
    facts: Facts


DeliveryDecision = Hold | Suppress | GiveUp | Deliver
