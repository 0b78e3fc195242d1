from enum import StrEnum


class DecisionViewLevel(StrEnum):
    DPMD = "dpmd"
    SATGAS = "satgas"

    def __str__(self) -> str:
        return str(self.value)
