"""Every event of the system: what happened, in the past tense, with codes and never with text.

The body of a message is one of these models as JSON; CloudEvents attributes travel beside it as
headers (`shared/messaging/envelope.py`). An event names a consultation, its place and its stage, or
counts many. It carries no name, address, phone number or free text: those stay in intake's
database.

Changing one: add optional fields only. A field that goes, narrows or changes its meaning is a new
class with the next `version`, published beside the old one until every consumer has moved.
`docs/schemas/` holds the JSON Schemas; `tests/contract/` compares them with this file.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$")]
"""A stable code: a topic, role, channel, satgas or officer."""

KecamatanCode = Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$")]
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}(\.[0-9]{2})?$")]
"""A kecamatan, or the kabupaten."""
DesaCode = Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")]

Count = Annotated[int, Field(ge=0)]

ProviderId = Annotated[
    str,
    Field(max_length=200, pattern=r"^([A-Za-z0-9_.:+/=\-]+|<[A-Za-z0-9_.\-]+@klikdesa>)$"),
]
"""A provider's id, or of our own Message-ID what stands before the host (until 2026-11 all of it);
never an address."""


class Region(BaseModel):
    """Where the question comes from, in Kemendagri codes (`64.02.06`, `64.02.06.2001`)."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    kecamatan: KecamatanCode
    desa: DesaCode


class Event(BaseModel):
    """What all events share. Readers ignore fields they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    name: ClassVar[str]
    version: ClassVar[int] = 1

    id: UUID
    """The event's own id; a repeated delivery repeats it."""
    sequence: Annotated[int, Field(ge=1)]
    """The version of the document that told of it: later facts of one document count higher."""
    time: AwareDatetime
    """When it happened, with offset."""

    @classmethod
    def type(cls) -> str:
        """The CloudEvents type, `klikdesa.consultation.submitted.v1`."""
        return f"klikdesa.{cls.name}.v{cls.version}"

    @property
    def subject(self) -> str:
        """What it is about: CloudEvents' `subject`."""
        raise NotImplementedError

    @property
    def area(self) -> str:
        """Where: a kecamatan, or the whole kabupaten."""
        raise NotImplementedError

    @property
    def routing_key(self) -> str:
        """`<name>.<area>`, so that anyone may bind a queue for one kecamatan."""
        return f"{self.name}.{self.area}"


class ConsultationEvent(Event):
    """Something happened with one consultation."""

    consultation: UUID
    region: Region

    @property
    def subject(self) -> str:
        return str(self.consultation)

    @property
    def area(self) -> str:
        return self.region.kecamatan


class ConsultationSubmitted(ConsultationEvent):
    """intake accepted a consultation."""

    name: ClassVar[str] = "consultation.submitted"

    topic: Code
    kind: Code
    role: Code
    channel: Code
    sdgs_goal: Annotated[int, Field(ge=1, le=18)] | None = None
    vulnerable: bool | None = None
    reachable: bool | None = None
    """Whether the requester left a contact, so that nobody has to ask for one that is not there."""
    submitter: Code | None = None
    """The id of the API key, or the token's subject, that posted it: a program, not a person."""
    submitted_at: AwareDatetime
    """When the requester pressed send, also where that was offline and earlier."""
    received_at: AwareDatetime


class ConsultationMoved(ConsultationEvent):
    """Somebody took a consultation one step on; the subclass says which."""

    actor_role: Literal["officer", "requester", "system"]
    """`system`: nobody, but the rules; a consultation closes by itself after long silence."""
    actor: Code | None = None
    """Who, where it was an officer; requesters are never named."""


class ConsultationAcknowledged(ConsultationMoved):
    """An officer has seen it."""

    name: ClassVar[str] = "consultation.acknowledged"


class ConsultationAnswered(ConsultationMoved):
    """The satgas has answered."""

    name: ClassVar[str] = "consultation.answered"


class ConsultationQuestionAsked(ConsultationMoved):
    """The satgas needs to know more; it waits for the requester."""

    name: ClassVar[str] = "consultation.question_asked"


class ConsultationReplyReceived(ConsultationMoved):
    """The requester wrote more: the satgas is to look again."""

    name: ClassVar[str] = "consultation.reply_received"


class ConsultationClosed(ConsultationMoved):
    """Nothing more is to be said."""

    name: ClassVar[str] = "consultation.closed"


class ConsultationReopened(ConsultationMoved):
    """It was not settled after all: the satgas has it again."""

    name: ClassVar[str] = "consultation.reopened"


class ConsultationWithdrawn(ConsultationMoved):
    """The requester no longer needs an answer."""

    name: ClassVar[str] = "consultation.withdrawn"


class ConsultationRejected(ConsultationMoved):
    """The satgas will not answer it, and says why."""

    name: ClassVar[str] = "consultation.rejected"

    reason: Literal["not_ours", "duplicate", "incomplete", "abusive"]


class ConsultationRated(ConsultationMoved):
    """The requester says how well it was answered; a comment stays in intake."""

    name: ClassVar[str] = "consultation.rated"

    rating: Annotated[int, Field(ge=1, le=5)]


class ConsultationErased(ConsultationMoved):
    """Its words, and who asked, can be read no more, nor anything be added. Whoever keeps what was
    derived from them forgets it; codes, times and counts stay."""

    name: ClassVar[str] = "consultation.erased"


class ConsultationLinkRequested(ConsultationMoved):
    """Somebody lost the PIN: the link to its page goes to the contact that was left. It changes
    nothing, and has the sequence of what happened last."""

    name: ClassVar[str] = "consultation.link_requested"


class ConsultationTransferRequested(ConsultationMoved):
    """Another satgas, or another officer, should have it; clock and history stay."""

    name: ClassVar[str] = "consultation.transfer_requested"

    to_satgas: Code
    """A kecamatan, or `dpmd`."""
    to_officer: Code | None = None
    reason: Literal["not_ours", "wrong_place", "expertise", "conflict_of_interest", "absent"]


class ConsultationEscalationRequested(ConsultationMoved):
    """The satgas asks the DPMD desk to take over what it cannot settle."""

    name: ClassVar[str] = "consultation.escalation_requested"

    reason: Literal["beyond_authority", "needs_expert", "needs_decision", "other_agency"]


Strategy = Literal["round_robin", "least_load", "topic_skill"]


class PassedOver(BaseModel):
    """An officer who could not take a case, and why."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    officer: Code
    reason: Literal["unavailable", "on_leave", "full"]


class AssignmentReason(BaseModel):
    """Why this officer: the rule that decided and what it saw."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    rule: Literal["territory", "dpmd_desk", "transfer", "escalation"]
    """`territory`: the satgas of the kecamatan; `dpmd_desk`: no satgas could or should take it;
    `transfer` and `escalation`: somebody asked for it."""
    code: Code | None = None
    """For `dpmd_desk`: `unknown_region`, `retired_region`, `no_officer` or `complaint`; for the
    others: the reason that was given, or `unknown_officer` where the one asked for is not there."""
    strategy: Strategy = "round_robin"
    candidates: tuple[Code, ...]
    """Who could have taken it."""
    loads: tuple[Annotated[int, Field(ge=0)], ...] | None = None
    """The open cases of each candidate, in their order, when it decided."""
    passed_over: tuple[PassedOver, ...] = ()
    """Who of the satgas could not take it."""
    fallback: bool = False
    """The coordinator has it because nobody else could take it."""
    turn: Annotated[int, Field(ge=0)]
    """How many cases the satgas had given out before."""


class CaseAssigned(ConsultationEvent):
    """routing gave the case to an officer."""

    name: ClassVar[str] = "case.assigned"

    satgas: Code
    officer: Code
    level: Literal["satgas", "dpmd"]
    topic: Code
    kind: Code
    reason: AssignmentReason
    acknowledge_due: AwareDatetime | None = None
    """Until when the officer confirms; absent where the deadlines could not be reckoned."""
    answer_due: AwareDatetime | None = None
    """Until when the first answer is given."""
    resolve_due: AwareDatetime | None = None
    policy_version: Code | None = None
    """Names the numbers of working days."""
    calendar_version: Code | None = None
    """Names the holidays and office hours."""


class CaseHeld(ConsultationEvent):
    """routing found nobody who could take the case; it waits, visible, for an officer."""

    name: ClassVar[str] = "case.held"

    reason: Literal["unknown_region", "retired_region", "no_officer", "nobody_available"]
    """`no_officer`: the satgas has nobody; `nobody_available`: all are on leave or have enough."""
    satgas: Code | None = None
    """Whose officers it waits for."""


ClockName = Literal["acknowledge", "answer", "resolve"]
"""`acknowledge`: until an officer has seen it; `answer`: until the first answer; `resolve`: until
it is answered for good. They run in office time, while it is the satgas's turn."""

Attention = Literal["officer", "coordinator", "camat", "dpmd"]
"""Who is to see to it that a case is answered; the higher the later."""


class CaseTimer(ConsultationEvent):
    """The time of something has come; the subclass says of what."""

    satgas: Code | None = None
    officer: Code | None = None
    """Whose case it is; absent while it is held."""
    due: AwareDatetime
    """When this was to be told."""
    late_seconds: Annotated[float, Field(ge=0)]
    """How long after `due` it was told: a moment, or as long as an outage."""


class CaseReminderDue(CaseTimer):
    """Most of the time for a step is over, and it has not been taken."""

    name: ClassVar[str] = "case.reminder_due"

    clock: ClockName
    deadline: AwareDatetime


class CaseDeadlineMissed(CaseTimer):
    """The time for a step is over, and it has not been taken."""

    name: ClassVar[str] = "case.deadline_missed"

    clock: ClockName


class CaseSilenceElapsed(CaseTimer):
    """It was the requester's turn for so long that the consultation may be closed."""

    name: ClassVar[str] = "case.silence_elapsed"

    since: AwareDatetime
    """The time of the answer or question after which nothing came."""


class CaseEscalated(ConsultationEvent):
    """Somebody higher is to look at the case: it took too long, or an officer asked for it."""

    name: ClassVar[str] = "case.escalated"

    satgas: Code | None = None
    officer: Code | None = None
    """Whose case it was when this happened."""
    from_level: Attention
    to_level: Attention
    to: Code | None = None
    """The person at that level; absent where the roster names none."""
    reason: Code
    """`overdue`, or the reason that the officer gave."""
    clock: ClockName | None = None
    """For `overdue`: which."""
    due: AwareDatetime
    """When this was to be told; for a request, when it was made."""
    late_seconds: Annotated[float, Field(ge=0)]


RecipientKind = Literal["officer", "coordinator", "camat", "dpmd", "requester", "owner"]
"""As whom somebody is told. `officer`: whose case it is; `coordinator`, `camat`, `dpmd`: who is to
see to it; `owner`: of a webhook."""


class AlertOutcome(ConsultationEvent):
    """What became of telling one person of one event; the subclass says what."""

    cause: UUID
    """The event that the alert tells of."""
    recipient: Code
    """A code of the directory; always `requester` for who asked, who is never named."""
    recipient_kind: RecipientKind


class AlertSent(AlertOutcome):
    """notify told somebody, and the provider took it."""

    name: ClassVar[str] = "alert.sent"

    channel: Code
    attempts: Annotated[int, Field(ge=1)]
    provider_id: ProviderId | None = None


class AlertFailed(AlertOutcome):
    """notify gave up telling somebody."""

    name: ClassVar[str] = "alert.failed"

    channel: Code
    """The last one that was tried; `none` where there was none to try."""
    attempts: Annotated[int, Field(ge=0)]
    reason: Code


class AlertSuppressed(AlertOutcome):
    """notify did not tell somebody, on purpose."""

    name: ClassVar[str] = "alert.suppressed"

    reason: Code
    """`folded`: the same was told minutes before; `no_contact`: the requester left none;
    `no_channel`: left one that none of our channels reaches; `opted_out`: wants no messages;
    `settled`: what it was to remind of was done, or given to somebody else, before it went out, or
    the consultation was over before its receipt was told; `told_with_assignment`: the
    receipt, since the message about the assignment tells of both; `log_only`: there is no channel
    to tell them by but the log, which reaches nobody; `erased`: the consultation was."""


class Lagging(BaseModel):
    """A kecamatan of which much was late, in the days of a summary."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    kecamatan: KecamatanCode
    submitted: Count
    overdue: Count


class Summary(BaseModel):
    """Some days of a kecamatan or of the kabupaten in a few numbers, as reports count them.

    Of the consultations submitted from `first` to `last` (Asia/Makassar, both included), what had
    become of them when the event was made.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    every: Literal["week", "month"]
    """`week`: Monday to Sunday of a kecamatan; `month`: of the whole kabupaten."""
    area: AreaCode
    first: date
    last: date
    submitted: Count
    answered: Count
    closed: Count
    backlog: Count
    """Not ended yet."""
    overdue: Count
    """With a deadline missed."""
    open_in_all: Count
    """Not ended yet, whenever submitted."""
    open_long: Count | None = None
    """Of `open_in_all`, what had waited for 31 days or more the day after `last`."""
    answer_p50_s: Annotated[float, Field(ge=0)] | None = None
    """Seconds of office time until the first answer; absent where none was given."""
    answer_p90_s: Annotated[float, Field(ge=0)] | None = None
    answer_days: Annotated[int, Field(ge=1)] | None = None
    """Working days within which the first answer is due; absent where routing did not say."""
    lagging: tuple[Lagging, ...] = ()
    """Of a month: the kecamatan with the largest share of late ones, the largest first."""


class ReportSummarised(Event):
    """reporting sums up days that are over, once for each kecamatan and week, and each month."""

    name: ClassVar[str] = "report.summarised"

    summary: Summary
    due: AwareDatetime
    """When this was to be told: the first working morning after the last day."""

    @property
    def subject(self) -> str:
        return f"{self.summary.every}/{self.summary.area}/{self.summary.first}"

    @property
    def area(self) -> str:
        return self.summary.area


EVENTS: tuple[type[Event], ...] = (
    ConsultationSubmitted,
    ConsultationAcknowledged,
    ConsultationAnswered,
    ConsultationQuestionAsked,
    ConsultationReplyReceived,
    ConsultationClosed,
    ConsultationReopened,
    ConsultationWithdrawn,
    ConsultationRejected,
    ConsultationRated,
    ConsultationErased,
    ConsultationLinkRequested,
    ConsultationTransferRequested,
    ConsultationEscalationRequested,
    CaseAssigned,
    CaseHeld,
    CaseReminderDue,
    CaseDeadlineMissed,
    CaseEscalated,
    CaseSilenceElapsed,
    AlertSent,
    AlertFailed,
    AlertSuppressed,
    ReportSummarised,
)
"""The catalogue: every event with its owner is listed in `docs/architecture.md`."""
