"""Texts that an officer keeps to answer with."""

from dataclasses import dataclass
from datetime import datetime

#: Of one officer: more than anybody finds one among.
MOST = 50


@dataclass(frozen=True, slots=True)
class SavedReply:
    id: str
    body: str
    saved_at: datetime
