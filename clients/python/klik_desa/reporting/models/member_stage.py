from enum import StrEnum


class MemberStage(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    ASSIGNED = "assigned"
    CLOSED = "closed"
    REJECTED = "rejected"
    REOPENED = "reopened"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"

    def __str__(self) -> str:
        return str(self.value)
