"""What an alert says: the facts that its texts are made from, and the message a channel sends."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.events import RecipientKind, Region, Summary

Language = Literal["id", "en"]


@dataclass(frozen=True, slots=True)
class LinkToken:
    """Opens the page of a requester's consultation, in the link of what is told now."""

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text may know: codes and times, never a title, a body or a name of a requester."""

    event: str
    """A key of `renderer.AUDIENCE`: `case.assigned`, `digest`, …"""
    consultation: UUID | None
    region: Region | None
    topic: str | None
    kind: str | None
    satgas: str | None
    level: str | None
    """Of an escalation: `to_level`."""
    clock: str | None
    """`acknowledge`, `answer` or `resolve`; absent in an escalation that somebody asked for."""
    due: datetime | None
    """The deadline of `clock`. Requesters read it as the time until which they get an answer."""
    ticket: str | None
    """For requesters only."""
    recipient_kind: RecipientKind
    link: LinkToken | None = None
    """Of a requester, where there is one."""
    unsubscribe: str | None = field(default=None, repr=False)
    """The token of a requester's e-mail by which its reader stops them."""
    items: tuple["Facts", ...] = ()
    """Of a digest."""
    count: int = 1
    """How many alike were folded into this one."""
    summary: Summary | None = None
    """The numbers of `report.weekly` and `report.monthly`."""


@dataclass(frozen=True, slots=True)
class Message:
    """A text, ready for any channel."""

    subject: str
    """One line, at most 150 characters; of a consultation the same, whatever is told of it."""
    text: str
    """Plain."""
    html: str | None
    """For e-mail."""
    short: str
    """For messengers: at most 1,000 characters, ends with the link."""
    template: str
    """The name of the approved WhatsApp template, such as `case_assigned`."""
    language: Language
    parameters: tuple[str, ...]
    """The approved template's variables, in order."""
    unsubscribe: str | None = field(default=None, repr=False)
    """For e-mail: the address where its reader stops them, by GET as a page, by POST at once."""
