"""The life of a consultation as one table: which moves there are, from where, to where, by whom.

    submitted ──► assigned ──► acknowledged ──► answered ──► closed
                     ▲              │  ▲           │            │
                     │     question ▼  │ reply     │            │
                     │        waiting_requester    │            │
                     └──────────── reopen ─────────┴────────────┘

and from any open state to `withdrawn` (by the requester) or `rejected` (by the satgas). What
is the requester's turn for long closes by itself. Transfer and escalation only ask: routing then
gives the case to somebody else, and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from shared import events
from shared.errors import KlikError
from shared.text.wording import Text

Status = Literal[
    "submitted",
    "assigned",
    "acknowledged",
    "waiting_requester",
    "answered",
    "closed",
    "withdrawn",
    "rejected",
]
Actor = Literal["officer", "requester", "system"]
"""`system`: nobody, but the rules."""
MoveName = Literal[
    "acknowledge",
    "answer",
    "question",
    "reply",
    "note",
    "close",
    "reopen",
    "withdraw",
    "reject",
    "rate",
    "transfer",
    "escalate",
]

STATUSES: tuple[Status, ...] = get_args(Status)
IN_HAND: frozenset[Status] = frozenset(
    {"assigned", "acknowledged", "waiting_requester", "answered"}
)
"""The satgas has it and it is not over."""
AWAITING_ANSWER: frozenset[Status] = frozenset({"assigned", "acknowledged"})
"""The satgas has the turn."""
MOVES_FIRST_ANSWER = frozenset(
    {events.ConsultationQuestionAsked.name, events.ConsultationAnswered.name}
)
"""What has happened once the time of the first answer is over, or no longer the one told first."""
OPEN: frozenset[Status] = IN_HAND | {"submitted"}
NO_LINK: frozenset[Status] = frozenset({"withdrawn", "rejected"})
"""Of these, ticket and PIN alone open the page: nothing is left to do that a link should save."""


@dataclass(frozen=True, slots=True)
class Move:
    """`to` is None where the status stays; `event` is None where nobody else is told."""

    by: frozenset[Actor]
    out_of: frozenset[Status]
    to: Status | None
    event: type[events.ConsultationMoved] | None


_SATGAS: frozenset[Actor] = frozenset({"officer"})
_REQUESTER: frozenset[Actor] = frozenset({"requester"})
_BOTH = _SATGAS | _REQUESTER
_SYSTEM: frozenset[Actor] = frozenset({"system"})

MOVES: Mapping[MoveName, Move] = {
    "acknowledge": Move(
        _SATGAS, frozenset({"assigned"}), "acknowledged", events.ConsultationAcknowledged
    ),
    "answer": Move(_SATGAS, IN_HAND, "answered", events.ConsultationAnswered),
    "question": Move(_SATGAS, IN_HAND, "waiting_requester", events.ConsultationQuestionAsked),
    # what the requester writes puts the satgas back to work, also after an answer
    "reply": Move(_REQUESTER, IN_HAND, "acknowledged", events.ConsultationReplyReceived),
    "note": Move(_SATGAS, OPEN | {"closed"}, None, None),
    "close": Move(
        _BOTH | _SYSTEM,
        frozenset({"answered", "waiting_requester"}),
        "closed",
        events.ConsultationClosed,
    ),
    "reopen": Move(
        _BOTH, frozenset({"answered", "closed"}), "assigned", events.ConsultationReopened
    ),
    "withdraw": Move(_REQUESTER, OPEN, "withdrawn", events.ConsultationWithdrawn),
    "reject": Move(_SATGAS, IN_HAND, "rejected", events.ConsultationRejected),
    "rate": Move(_REQUESTER, frozenset({"answered", "closed"}), None, events.ConsultationRated),
    "transfer": Move(_SATGAS, IN_HAND, None, events.ConsultationTransferRequested),
    "escalate": Move(_SATGAS, IN_HAND, None, events.ConsultationEscalationRequested),
}


class ForbiddenMove(KlikError):
    """The consultation's state does not allow the move; `why` says more than its status does."""

    def __init__(
        self, move: MoveName, status: Status, allowed: list[MoveName], why: Text | None = None
    ) -> None:
        super().__init__(f"'{move}' is not possible while {status}{f': {why.en}' if why else ''}")
        self.move = move
        self.status = status
        self.allowed = allowed
        self.why = why


class NotTheirMove(KlikError):
    """The move is for the other side to make."""


def allowed(status: Status, actor: Actor) -> list[MoveName]:
    """What `actor` may do now."""
    return [name for name, move in MOVES.items() if status in move.out_of and actor in move.by]


def after(status: Status, name: MoveName, actor: Actor) -> Status:
    """The status after the move. Raises `NotTheirMove` or `ForbiddenMove`."""
    move = MOVES[name]
    if actor not in move.by:
        raise NotTheirMove(f"'{name}' is not for the {actor}")
    if status not in move.out_of:
        raise ForbiddenMove(name, status, allowed(status, actor))
    return move.to or status
