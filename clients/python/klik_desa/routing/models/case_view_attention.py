from enum import StrEnum


class CaseViewAttention(StrEnum):
    CAMAT = "camat"
    COORDINATOR = "coordinator"
    DPMD = "dpmd"
    OFFICER = "officer"

    def __str__(self) -> str:
        return str(self.value)
