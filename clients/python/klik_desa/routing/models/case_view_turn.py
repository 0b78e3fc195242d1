from enum import StrEnum


class CaseViewTurn(StrEnum):
    NOBODY = "nobody"
    REQUESTER = "requester"
    SATGAS = "satgas"

    def __str__(self) -> str:
        return str(self.value)
