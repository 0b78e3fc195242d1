"""Tickets and PINs: how a requester follows a consultation without an account."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
"""Crockford's base 32 (https://www.crockford.com/base32.html: no I, L, O, U, which are misread),
without its last letter: 31 is a prime, so that the check finds every single mistake."""


def new_ticket() -> str:
    """`KD-7F3K-9QXM`: seven random characters (almost 35 bits) and one that checks them."""
    number, random = secrets.randbelow(len(ALPHABET) ** 7), ""
    for _ in range(7):
        number, digit = divmod(number, len(ALPHABET))
        random += ALPHABET[digit]
    return _grouped(random + _check_character(random))


def normal_ticket(typed: str) -> str | None:
    """The ticket as it was given out, from what a person typed; None where that cannot be one."""
    plain = "".join(c for c in typed.upper() if c not in "- ")
    plain = plain.removeprefix("KD") if len(plain) == 10 else plain
    plain = plain.translate(str.maketrans("OIL", "011"))
    if len(plain) != 8 or any(c not in ALPHABET for c in plain):
        return None
    return _grouped(plain) if _check_character(plain[:7]) == plain[7] else None


def new_pin() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**6):06d}"


#: Wrong PINs that one ticket bears before it rests, and for how long. Counted with the ticket and
#: not with the caller: a whole village office may share an address.
MAX_PIN_MISSES = 5
PIN_REST = timedelta(minutes=15)


def rests_until(misses: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when the PIN of a ticket may not be tried; None where it may.

    `misses`: when wrong PINs were given, oldest first.
    """
    recent = [miss for miss in misses if miss > now - PIN_REST]
    return recent[-MAX_PIN_MISSES] + PIN_REST if len(recent) >= MAX_PIN_MISSES else None


def _check_character(random: str) -> str:
    """Weighted sum modulo 31: differs for every single wrong character and every swap of two."""
    total = sum(weight * ALPHABET.index(c) for weight, c in enumerate(random, start=1))
    return ALPHABET[total % len(ALPHABET)]


def _grouped(eight: str) -> str:
    return f"KD-{eight[:4]}-{eight[4:]}"
