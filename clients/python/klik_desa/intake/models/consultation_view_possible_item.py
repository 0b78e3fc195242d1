from enum import StrEnum


class ConsultationViewPossibleItem(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    CLOSE = "close"
    ESCALATE = "escalate"
    NOTE = "note"
    QUESTION = "question"
    RATE = "rate"
    REJECT = "reject"
    REOPEN = "reopen"
    REPLY = "reply"
    TRANSFER = "transfer"
    WITHDRAW = "withdraw"

    def __str__(self) -> str:
        return str(self.value)
