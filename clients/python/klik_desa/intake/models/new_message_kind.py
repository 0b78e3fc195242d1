from enum import StrEnum


class NewMessageKind(StrEnum):
    ANSWER = "answer"
    NOTE = "note"
    QUESTION = "question"
    REPLY = "reply"

    def __str__(self) -> str:
        return str(self.value)
