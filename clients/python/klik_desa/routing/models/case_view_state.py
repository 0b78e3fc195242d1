from enum import StrEnum


class CaseViewState(StrEnum):
    ASSIGNED = "assigned"
    HELD = "held"
    OVER = "over"

    def __str__(self) -> str:
        return str(self.value)
