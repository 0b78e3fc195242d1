"""What reporting listens to: everything."""

from services.reporting.ports import EventLog, Projector
from shared.events import (
    AlertFailed,
    AlertSent,
    AlertSuppressed,
    CaseAssigned,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseHeld,
    CaseReminderDue,
    CaseSilenceElapsed,
    ConsultationAcknowledged,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationEscalationRequested,
    ConsultationQuestionAsked,
    ConsultationRated,
    ConsultationRejected,
    ConsultationReopened,
    ConsultationReplyReceived,
    ConsultationSubmitted,
    ConsultationTransferRequested,
    ConsultationWithdrawn,
    Event,
    ReportSummarised,
)
from shared.messaging.consumer import Subscriptions


class Handlers:
    """An event is handled once it is in the log; what follows from it is the projector's work."""

    def __init__(self, log: EventLog, projector: Projector) -> None:
        self._log = log
        self._projector = projector

    async def on_consultation_submitted(self, event: ConsultationSubmitted) -> None:
        await self._count(event)

    async def on_consultation_acknowledged(self, event: ConsultationAcknowledged) -> None:
        await self._count(event)

    async def on_consultation_answered(self, event: ConsultationAnswered) -> None:
        await self._count(event)

    async def on_consultation_question_asked(self, event: ConsultationQuestionAsked) -> None:
        await self._count(event)

    async def on_consultation_reply_received(self, event: ConsultationReplyReceived) -> None:
        await self._count(event)

    async def on_consultation_closed(self, event: ConsultationClosed) -> None:
        await self._count(event)

    async def on_consultation_reopened(self, event: ConsultationReopened) -> None:
        await self._count(event)

    async def on_consultation_withdrawn(self, event: ConsultationWithdrawn) -> None:
        await self._count(event)

    async def on_consultation_rejected(self, event: ConsultationRejected) -> None:
        await self._count(event)

    async def on_consultation_rated(self, event: ConsultationRated) -> None:
        await self._count(event)

    async def on_consultation_transfer_requested(
        self, event: ConsultationTransferRequested
    ) -> None:
        await self._count(event)

    async def on_consultation_escalation_requested(
        self, event: ConsultationEscalationRequested
    ) -> None:
        await self._count(event)

    async def on_case_assigned(self, event: CaseAssigned) -> None:
        await self._count(event)

    async def on_case_held(self, event: CaseHeld) -> None:
        await self._count(event)

    async def on_case_reminder_due(self, event: CaseReminderDue) -> None:
        await self._count(event)

    async def on_case_deadline_missed(self, event: CaseDeadlineMissed) -> None:
        await self._count(event)

    async def on_case_escalated(self, event: CaseEscalated) -> None:
        await self._count(event)

    async def on_case_silence_elapsed(self, event: CaseSilenceElapsed) -> None:
        await self._count(event)

    async def on_alert_sent(self, event: AlertSent) -> None:
        await self._count(event)

    async def on_alert_failed(self, event: AlertFailed) -> None:
        await self._count(event)

    async def on_alert_suppressed(self, event: AlertSuppressed) -> None:
        await self._count(event)

    async def on_report_summarised(self, event: ReportSummarised) -> None:
        await self._count(event)

    async def _count(self, event: Event) -> None:
        await self._projector.room()
        await self._log.append(event)

    def subscriptions(self) -> Subscriptions:
        return {
            ConsultationSubmitted: self.on_consultation_submitted,
            ConsultationAcknowledged: self.on_consultation_acknowledged,
            ConsultationAnswered: self.on_consultation_answered,
            ConsultationQuestionAsked: self.on_consultation_question_asked,
            ConsultationReplyReceived: self.on_consultation_reply_received,
            ConsultationClosed: self.on_consultation_closed,
            ConsultationReopened: self.on_consultation_reopened,
            ConsultationWithdrawn: self.on_consultation_withdrawn,
            ConsultationRejected: self.on_consultation_rejected,
            ConsultationRated: self.on_consultation_rated,
            ConsultationTransferRequested: self.on_consultation_transfer_requested,
            ConsultationEscalationRequested: self.on_consultation_escalation_requested,
            CaseAssigned: self.on_case_assigned,
            CaseHeld: self.on_case_held,
            CaseReminderDue: self.on_case_reminder_due,
            CaseDeadlineMissed: self.on_case_deadline_missed,
            CaseEscalated: self.on_case_escalated,
            CaseSilenceElapsed: self.on_case_silence_elapsed,
            AlertSent: self.on_alert_sent,
            AlertFailed: self.on_alert_failed,
            AlertSuppressed: self.on_alert_suppressed,
            ReportSummarised: self.on_report_summarised,
        }
