from enum import StrEnum


class TransferReason(StrEnum):
    ABSENT = "absent"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    EXPERTISE = "expertise"
    NOT_OURS = "not_ours"
    WRONG_PLACE = "wrong_place"

    def __str__(self) -> str:
        return str(self.value)
