from enum import StrEnum


class ClockViewName(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    RESOLVE = "resolve"

    def __str__(self) -> str:
        return str(self.value)
