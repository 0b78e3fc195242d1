"""Orders for channels, full of words that must not be found in logs and errors."""

import traceback
from typing import Any

import pytest

from services.notify.channels.base import NotSent, Order, Sender
from services.notify.domain.message import Message

#: In every text of an order below.
TEXT = "RAHASIA-TEKS"


def an_order(address: str, **changes: Any) -> Order:
    """`changes` of the message go by its fields' names, of the order by its own."""
    of_order: dict[str, Any] = {"id": "a" * 32}
    of_order.update({name: changes.pop(name) for name in ("id", "in_session") if name in changes})
    values: dict[str, Any] = {
        "subject": f"[Klik Desa] {TEXT}",
        "text": f"{TEXT}\nBaca di sini: https://klik.example/c/1\n",
        "html": f"<p>{TEXT}</p>",
        "short": f"{TEXT} https://klik.example/c/1",
        "template": "case_assigned",
        "language": "id",
        "parameters": (f"{TEXT} Dana Desa", "Rapak Lambur"),
    }
    return Order(address=address, message=Message(**values | changes), **of_order)


async def refused(sender: Sender, order: Order) -> NotSent:
    """What the sender raises. No foreign error hangs on it, and its text shows nothing."""
    with pytest.raises(NotSent) as found:
        await sender.send(order)
    shown = "".join(traceback.format_exception(found.value))
    assert TEXT not in shown
    assert order.address not in shown
    assert str(found.value) == found.value.reason
    return found.value


def outcome(failure: NotSent) -> tuple[str, bool, bool]:
    return failure.reason, failure.permanent, failure.address_is_bad
