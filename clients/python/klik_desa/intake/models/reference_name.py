from enum import StrEnum


class ReferenceName(StrEnum):
    ALERT_STATES = "alert_states"
    CASE_STATES = "case_states"
    CHANNELS = "channels"
    CLOCKS = "clocks"
    HAPPENINGS = "happenings"
    KINDS = "kinds"
    LEVELS = "levels"
    MESSAGES = "messages"
    MOVES = "moves"
    REASONS = "reasons"
    REGIONS = "regions"
    ROLES = "roles"
    SDGS = "sdgs"
    STATUSES = "statuses"
    TOPICS = "topics"

    def __str__(self) -> str:
        return str(self.value)
