from enum import StrEnum


class DecisionViewHeldReasonType0(StrEnum):
    NOBODY_AVAILABLE = "nobody_available"
    NO_OFFICER = "no_officer"
    RETIRED_REGION = "retired_region"
    UNKNOWN_REGION = "unknown_region"

    def __str__(self) -> str:
        return str(self.value)
