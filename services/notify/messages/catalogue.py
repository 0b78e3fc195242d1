"""Which event is told to whom, and by which text; `templates/README.md` says how to add one."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.events import RecipientKind

AUDIENCE: Mapping[str, tuple[RecipientKind, ...]] = MappingProxyType(
    {
        "case.assigned": ("officer", "requester"),
        "case.received_and_assigned": ("requester",),
        "case.taken_away": ("officer",),
        "case.reminder_due": ("officer",),
        "case.deadline_missed": ("officer",),
        "case.held": ("coordinator", "dpmd"),
        "case.escalated": ("coordinator", "camat", "dpmd", "requester"),
        "consultation.submitted": ("requester",),
        "consultation.answered": ("requester",),
        "consultation.question_asked": ("requester",),
        "consultation.rejected": ("requester",),
        "consultation.closed": ("requester",),
        "consultation.closed_by_silence": ("requester",),
        "consultation.reply_received": ("officer",),
        "consultation.reopened": ("officer",),
        "digest": ("officer", "coordinator", "dpmd"),
        "report.weekly": ("camat",),
        "report.monthly": ("dpmd",),
        "webhook_paused": ("owner",),
    }
)
"""Events by their names; seven are not events of the bus:

- `case.received_and_assigned`: a `case.assigned` that comes before the requester was told of the
  receipt, so that one message tells both;
- `case.taken_away`: a `case.assigned` to somebody else, told to the officer who had it before;
- `consultation.closed_by_silence`: a `consultation.closed` by `system`;
- `digest`: what is still open, once a day;
- `report.weekly`, `report.monthly`: a `report.summarised` of a week, of a month;
- `webhook_paused`: a webhook failed so often that it is called no more.
"""

_GROUP: Mapping[RecipientKind, str] = {
    "officer": "officer",
    "coordinator": "supervisor",
    "camat": "supervisor",
    "dpmd": "supervisor",
    "requester": "requester",
    "owner": "owner",
}


def text_name(event: str, recipient: RecipientKind) -> str:
    """The text's file in each language's folder, without `.txt`; coordinator, camat and DPMD read
    the same, with their own greeting."""
    return f"{event}.{_GROUP[recipient]}"


def approved_name(event: str, recipient: RecipientKind) -> str:
    """The name under which the text is registered with WhatsApp: lower case and underscores.

    What officers get has the event's own name, `case_assigned`; others add their group,
    `case_assigned_requester`.
    """
    return text_name(event, recipient).removesuffix(".officer").replace(".", "_")
