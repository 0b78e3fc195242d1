"""What is told: a text that is ready for any channel."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Message:
    """A text, ready for any channel."""

    subject: str
    """One line."""
    text: str
    """Plain."""
    html: str | None
    """For e-mail."""
    short: str
    """For messengers: at most 1,000 characters, ends with the link."""
    template: str
    """`case_assigned`: the name of the approved WhatsApp template."""
    language: Literal["id", "en"]
    parameters: tuple[str, ...]
    """The approved template's variables, in order."""
