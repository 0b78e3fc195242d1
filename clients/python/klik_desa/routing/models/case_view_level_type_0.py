from enum import StrEnum


class CaseViewLevelType0(StrEnum):
    DPMD = "dpmd"
    SATGAS = "satgas"

    def __str__(self) -> str:
        return str(self.value)
