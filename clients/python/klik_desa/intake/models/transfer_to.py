from enum import StrEnum


class TransferTo(StrEnum):
    DPMD = "dpmd"
    VALUE_0 = "64.02.01"
    VALUE_1 = "64.02.02"
    VALUE_10 = "64.02.11"
    VALUE_11 = "64.02.12"
    VALUE_12 = "64.02.13"
    VALUE_13 = "64.02.14"
    VALUE_14 = "64.02.15"
    VALUE_15 = "64.02.16"
    VALUE_16 = "64.02.17"
    VALUE_17 = "64.02.18"
    VALUE_18 = "64.02.19"
    VALUE_19 = "64.02.20"
    VALUE_2 = "64.02.03"
    VALUE_3 = "64.02.04"
    VALUE_4 = "64.02.05"
    VALUE_5 = "64.02.06"
    VALUE_6 = "64.02.07"
    VALUE_7 = "64.02.08"
    VALUE_8 = "64.02.09"
    VALUE_9 = "64.02.10"

    def __str__(self) -> str:
        return str(self.value)
