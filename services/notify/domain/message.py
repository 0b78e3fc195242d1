"""What a channel sends."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["id", "en"]


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
