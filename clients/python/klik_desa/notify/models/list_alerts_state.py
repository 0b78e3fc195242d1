from enum import StrEnum


class ListAlertsState(StrEnum):
    CLAIMED = "claimed"
    FAILED = "failed"
    QUEUED = "queued"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
