from enum import StrEnum


class AssignmentReasonStrategy(StrEnum):
    LEAST_LOAD = "least_load"
    ROUND_ROBIN = "round_robin"
    TOPIC_SKILL = "topic_skill"

    def __str__(self) -> str:
        return str(self.value)
