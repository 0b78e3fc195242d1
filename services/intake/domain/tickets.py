"""Tickets and PINs: how a requester follows a consultation without an account."""

import secrets

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


def _check_character(random: str) -> str:
    """Weighted sum modulo 31: differs for every single wrong character and every swap of two."""
    total = sum(weight * ALPHABET.index(c) for weight, c in enumerate(random, start=1))
    return ALPHABET[total % len(ALPHABET)]


def _grouped(eight: str) -> str:
    return f"KD-{eight[:4]}-{eight[4:]}"
