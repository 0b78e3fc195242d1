"""Telephone numbers, however people write them, as the one E.164 that each of them means. Pure.

`phonenumbers` knows which numbers there are and what a country strips or adds; here is only what it
guesses at: what stands around the digits, and which country they are of. A number without a country
is Indonesian. What can be read as two numbers is none: a wrong one would be somebody else's.
"""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGION = "ID"

_MOBILE = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)
#: Links of WhatsApp, and its own form of a number: the country comes first in all of them.
_WHATSAPP = re.compile(
    r"(?:(?:https?://)?(?:www\.)?wa\.me/"
    r"|(?:https?://)?(?:api|web)\.whatsapp\.com/send/?\?(?:.*&)?phone="
    r"|whatsapp://send/?\?(?:.*&)?phone=)"
    r"([^/?&#]+)(?:[/?&#].*)?"
    r"|([0-9]+)@(?:s\.whatsapp\.net|c\.us)",
    re.IGNORECASE | re.DOTALL,
)
_TEL = re.compile(r"(?:tel|sms|callto):(?://)?(.+?)(?:;phone-context=\+62)?", re.IGNORECASE)
#: What may stand between digits. A slash before one or two of them writes a second number short.
_BETWEEN = re.compile(r"[\s()\[\].·•_~'\-]|/(?=\s*[0-9]{3})")
_DIGITS = re.compile(r"(\+*)([0-9]{5,20})")


def canonical(written: str) -> str | None:
    """`0812-5555 1234`, `+62 (0)812…`, `https://wa.me/62812…` → `+6281255551234`; else None."""
    text = _plain(written)
    has_country = False
    if link := _WHATSAPP.fullmatch(text):
        text, has_country = unquote(link[1] or link[2]), True
    elif link := _TEL.fullmatch(text):
        text = unquote(link[1])
    found = _DIGITS.fullmatch(_BETWEEN.sub("", text))
    if found is None:
        return None
    plus, digits = found.groups()
    if has_country and not digits.startswith("0"):
        plus = "+"
    meant = {number for one in _readings(plus, digits) if (number := _valid(one))}
    return meant.pop() if len(meant) == 1 else None


def is_mobile(number: str) -> bool:
    """Whether a canonical one can have WhatsApp."""
    return phonenumbers.number_type(phonenumbers.parse(number)) in _MOBILE


def _plain(written: str) -> str:
    """In ASCII as far as it can be: full-width and Arabic digits, any dash, no invisible marks."""
    plain = []
    for char in written:
        category = unicodedata.category(char)
        if category == "Nd":
            char = str(unicodedata.digit(char))
        elif category == "Pd" or char in "−ー":
            char = "-"
        elif category == "Cf":
            continue
        elif category != "No":  # a note's `²` is no digit of the number
            char = unicodedata.normalize("NFKC", char)
        plain.append(char)
    return "".join(plain).strip()


def _readings(plus: str, digits: str) -> Iterator[str]:
    if plus or digits.startswith("62"):
        yield f"+{digits}"
    elif digits.startswith("00"):
        # 00 is the world's prefix for other countries; 001, 007, 008 and 009 are carriers' here
        yield f"+{digits[2:]}"
        if digits[2] in "1789":
            yield f"+{digits[3:]}"
    elif digits[0] in "08":
        yield digits


def _valid(number: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))
