from enum import StrEnum


class HolidayViewCategory(StrEnum):
    CUTI_BERSAMA = "cuti_bersama"
    LOCAL = "local"
    NATIONAL = "national"

    def __str__(self) -> str:
        return str(self.value)
