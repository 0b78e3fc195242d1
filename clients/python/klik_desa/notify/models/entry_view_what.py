from enum import StrEnum


class EntryViewWhat(StrEnum):
    DELIVERED = "delivered"
    FAILED = "failed"
    FALLBACK = "fallback"
    HELD = "held"
    JOINED = "joined"
    PUT_OFF = "put_off"
    QUEUED = "queued"
    READ = "read"
    RESENT = "resent"
    RETURNED = "returned"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    TAKEN_OVER = "taken_over"
    TRIED = "tried"

    def __str__(self) -> str:
        return str(self.value)
