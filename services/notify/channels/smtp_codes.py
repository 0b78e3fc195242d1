"""What an SMTP server's refusal means: RFC 5321 for the code, RFC 3463 for the enhanced one."""

import re
from typing import Literal

from services.notify.channels.base import NotSent

Stage = Literal["session", "sender", "recipient", "content"]

_ENHANCED = re.compile(r"\s*([245])\.([0-9]{1,3})\.([0-9]{1,3})\b")
#: Our login is missing, wrong or too weak: the operator can mend it while we try again.
_OUR_LOGIN = frozenset({530, 534, 535, 538})
#: Without an enhanced code, these about a recipient mean that there is no such mailbox.
_NO_MAILBOX = frozenset({550, 551, 553})
#: The enhanced ones of that kind: subject 1 but for the sender's own address, and a closed mailbox.
_OF_THE_SENDER = frozenset({7, 8})


def refusal(stage: Stage, code: int, text: str) -> NotSent:
    """`stage`: what was refused. `text`: its words; only an enhanced code in them counts."""
    because = f"smtp_{code}" if 200 <= code <= 599 else "smtp_reply"
    enhanced = _ENHANCED.match(text)
    kind, subject, detail = map(int, enhanced.groups()) if enhanced else (code // 100, None, None)
    if code in _OUR_LOGIN or stage == "session" or code // 100 != 5 or kind == 4:
        return NotSent(because, permanent=False)
    if stage != "recipient":
        return NotSent(because, permanent=True)
    if subject is None:
        return NotSent(because, permanent=True, address_is_bad=code in _NO_MAILBOX)
    no_mailbox = (subject == 1 and detail not in _OF_THE_SENDER) or (subject, detail) == (2, 1)
    return NotSent(because, permanent=True, address_is_bad=no_mailbox)
