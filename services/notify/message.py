"""What is sent, in every form that a channel may need."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Message:
    """An alert's text. `short`: for channels that charge by the character; `template` and
    `parameters`: for those that only send texts registered with them."""

    subject: str
    text: str
    html: str | None
    short: str
    template: str
    language: Literal["id", "en"]
    parameters: tuple[str, ...]
