from enum import StrEnum


class RejectionReason(StrEnum):
    ABUSIVE = "abusive"
    DUPLICATE = "duplicate"
    INCOMPLETE = "incomplete"
    NOT_OURS = "not_ours"

    def __str__(self) -> str:
        return str(self.value)
