from enum import StrEnum


class EscalationReason(StrEnum):
    BEYOND_AUTHORITY = "beyond_authority"
    NEEDS_DECISION = "needs_decision"
    NEEDS_EXPERT = "needs_expert"
    OTHER_AGENCY = "other_agency"

    def __str__(self) -> str:
        return str(self.value)
