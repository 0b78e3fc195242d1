from enum import StrEnum


class WebhookBodyEventsItem(StrEnum):
    CASE_ASSIGNED = "case.assigned"
    CASE_DEADLINE_MISSED = "case.deadline_missed"
    CASE_ESCALATED = "case.escalated"
    CASE_HELD = "case.held"
    CASE_REMINDER_DUE = "case.reminder_due"
    CASE_SILENCE_ELAPSED = "case.silence_elapsed"
    CONSULTATION_ACKNOWLEDGED = "consultation.acknowledged"
    CONSULTATION_ANSWERED = "consultation.answered"
    CONSULTATION_CLOSED = "consultation.closed"
    CONSULTATION_ERASED = "consultation.erased"
    CONSULTATION_ESCALATION_REQUESTED = "consultation.escalation_requested"
    CONSULTATION_LINK_REQUESTED = "consultation.link_requested"
    CONSULTATION_QUESTION_ASKED = "consultation.question_asked"
    CONSULTATION_RATED = "consultation.rated"
    CONSULTATION_REJECTED = "consultation.rejected"
    CONSULTATION_REOPENED = "consultation.reopened"
    CONSULTATION_REPLY_RECEIVED = "consultation.reply_received"
    CONSULTATION_SUBMITTED = "consultation.submitted"
    CONSULTATION_TRANSFER_REQUESTED = "consultation.transfer_requested"
    CONSULTATION_WITHDRAWN = "consultation.withdrawn"

    def __str__(self) -> str:
        return str(self.value)
