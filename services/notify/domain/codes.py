"""What providers say, as events may carry it. Pure."""

import re


def code_of(text: str) -> str:
    """What a provider said as a code that fits an event: never with an address in it."""
    return re.sub(r"[^A-Za-z0-9_.\-]", "_", text)[:64] or "unknown"


def plain_id(id_: str | None) -> str | None:
    """A provider's id where events may carry it, since some look like addresses; of our own
    Message-ID what stands before the host."""
    own = re.fullmatch(r"<([0-9a-f]{32}(-[0-9]+)?)@[A-Za-z0-9.\-]+>", id_ or "")
    text = own[1] if own else id_ or ""
    return text if re.fullmatch(r"[A-Za-z0-9_.:+/=\-]{1,200}", text) else None
