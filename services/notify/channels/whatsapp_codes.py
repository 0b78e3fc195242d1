"""What the Cloud API's error codes and ids mean for an alert.

By https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes.
They come in replies, and later, in webhooks: what reads those can ask `refusal` too.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from services.notify.channels.base import NotSent

#: The recipient last wrote more than 24 hours ago: only an approved template may be sent.
WINDOW_CLOSED = 131047

#: Beyond this it is no code of Meta's.
_HIGHEST = 9_999_999
#: How long to wait where Meta asks for less and does not say how much less.
_RATES: Mapping[int, timedelta] = {
    4: timedelta(minutes=10),  # calls of the app
    80007: timedelta(minutes=10),  # calls of the business account
    130429: timedelta(seconds=30),  # messages a second
    131048: timedelta(hours=1),  # too many were reported as spam
    131056: timedelta(minutes=1),  # to this one recipient
    133016: timedelta(hours=1),
}
#: Token and permissions.
_TOKEN = frozenset({0, 3, 10, 190, 131005, *range(200, 300)})
#: Account, number, payment and templates: the operator can mend them while we try again.
_OPERATOR = frozenset(
    {33, 368, 131030, 131031, 131037, 131042, 131045, 133010, *range(132000, 132016)}
)
#: The number has no WhatsApp, or cannot take messages of a business.
_NO_SUCH_NUMBER = frozenset({131021, 131026})
_PASSING = frozenset({1, 2, 130472, 131000, 131016, 131049, 131057, 133004, WINDOW_CLOSED})


def refusal(code: int, status: int, subcode: int | None = None) -> NotSent:
    """`code`: Meta's; it says more than the HTTP status, which only counts for unknown codes."""
    if code in _RATES:
        return NotSent("rate_limited", permanent=False, retry_after=_RATES[code])
    if code in _TOKEN:
        return NotSent("whatsapp_token", permanent=False)
    if code == 100 and subcode == 33:
        code = 33  # the phone number id names nothing
    because = f"whatsapp_{code}" if 0 <= code <= _HIGHEST else "whatsapp_reply"
    if code in _NO_SUCH_NUMBER:
        return NotSent(because, permanent=True, address_is_bad=True)
    passes = code in _OPERATOR or code in _PASSING or not 400 <= status < 500
    return NotSent(because, permanent=not passes)


def message_key(wamid: str) -> str:
    """What stands for Meta's id of a message: that holds the recipient's number in base64."""
    return "wamid-" + hashlib.sha256(wamid.encode(errors="surrogatepass")).hexdigest()[:32]
