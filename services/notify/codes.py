"""What providers say, as events may carry it. Pure."""

import re


def code_of(text: str) -> str:
    """What a provider said as a code that fits an event: never with an address in it."""
    return re.sub(r"[^A-Za-z0-9_.\-]", "_", text)[:64] or "unknown"


def is_plain_id(id_: str | None) -> bool:
    """Whether events may carry a provider's id; some look like addresses."""
    plain = r"([A-Za-z0-9_.:+/=\-]+|<[A-Za-z0-9_.\-]+@klikdesa>)"
    return id_ is not None and len(id_) <= 200 and re.fullmatch(plain, id_) is not None
