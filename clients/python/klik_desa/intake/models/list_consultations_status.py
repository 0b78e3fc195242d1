from enum import StrEnum


class ListConsultationsStatus(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    ASSIGNED = "assigned"
    CLOSED = "closed"
    REJECTED = "rejected"
    SUBMITTED = "submitted"
    WAITING_REQUESTER = "waiting_requester"
    WITHDRAWN = "withdrawn"

    def __str__(self) -> str:
        return str(self.value)
