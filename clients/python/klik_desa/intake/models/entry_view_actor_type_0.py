from enum import StrEnum


class EntryViewActorType0(StrEnum):
    OFFICER = "officer"
    REQUESTER = "requester"
    SYSTEM = "system"

    def __str__(self) -> str:
        return str(self.value)
