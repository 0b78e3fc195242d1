from enum import StrEnum


class AlertViewRecipientKind(StrEnum):
    CAMAT = "camat"
    COORDINATOR = "coordinator"
    DPMD = "dpmd"
    OFFICER = "officer"
    OWNER = "owner"
    REQUESTER = "requester"

    def __str__(self) -> str:
        return str(self.value)
