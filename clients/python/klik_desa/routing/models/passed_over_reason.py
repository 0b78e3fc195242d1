from enum import StrEnum


class PassedOverReason(StrEnum):
    FULL = "full"
    ON_LEAVE = "on_leave"
    UNAVAILABLE = "unavailable"

    def __str__(self) -> str:
        return str(self.value)
