from enum import StrEnum


class OfficerViewPresence(StrEnum):
    ON_LEAVE = "on_leave"
    PRESENT = "present"
    UNAVAILABLE = "unavailable"

    def __str__(self) -> str:
        return str(self.value)
