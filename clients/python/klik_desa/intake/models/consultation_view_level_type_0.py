from enum import StrEnum


class ConsultationViewLevelType0(StrEnum):
    DPMD = "dpmd"
    SATGAS = "satgas"

    def __str__(self) -> str:
        return str(self.value)
