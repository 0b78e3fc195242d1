from enum import StrEnum


class EscalationTo(StrEnum):
    CAMAT = "camat"
    COORDINATOR = "coordinator"
    DPMD = "dpmd"
    OFFICER = "officer"

    def __str__(self) -> str:
        return str(self.value)
