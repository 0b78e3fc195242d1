from enum import StrEnum


class AssignmentReasonRule(StrEnum):
    DPMD_DESK = "dpmd_desk"
    ESCALATION = "escalation"
    TERRITORY = "territory"
    TRANSFER = "transfer"

    def __str__(self) -> str:
        return str(self.value)
