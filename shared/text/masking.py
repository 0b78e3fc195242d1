"""What looks like a person's number or address in a line of text, covered. Pure.

Titles are written by hand: a NIK, the number of a family card (KK), a telephone number, an e-mail
address or a bank account stands in some. Digits alone do not say which they are, so that what looks
like one of them is covered too. Budget figures, years, numbers of rules, codes of regions and of
budgets, dates and tickets stay.
"""

import re

MASK = "•••"

_EMAIL = r"[\w.+%\-]+@[\w\-]+(?:\.[\w\-]+)+"
#: Nobody's, whatever it looks like besides.
_KEPT = (
    # money: by its word, by its thousands, by its zeros
    r"(?:Rp|IDR)\.?\s*\d(?:[\d.,]{0,20}\d)?",
    r"\d{1,15}\s*(?:rupiah|ribu|juta|jt|miliar|milyar|triliun)\b",
    r"[1-9]\d{0,2}(?P<thousands>[., ])\d{3}(?:(?P=thousands)\d{3})*(?:,\d{1,2})?(?![.\- ]?\d)",
    r"(?!628|8[1-9])[1-9]\d{0,7}0{5,}",
    # a ticket
    r"KD-?[0-9A-HJKMNP-TV-Y]{4}-?[0-9A-HJKMNP-TV-Y]{4}",
    # a region: with its dots or, in this province, without
    r"\d{2}\.\d{2}(?:\.\d{2}(?:\.[12]\d{3})?)?(?![.\- ]?\d)",
    r"64\d{4}[12]\d{3}",
    # a date, the number of a rule, years one after the other
    r"(?:19|20)\d\d-\d\d-\d\d",
    r"(?!0[2-9]|8)\d{1,3}(?:[-/.]\d{1,4}){0,2}[-/.](?:19|20)\d\d(?![.\- ]?\d)",
    r"(?:(?:19|20)\d\d[ \-–/,]+)+(?:19|20)\d\d(?![.\- ]?\d)",
)
_PROVINCE = r"(?:1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7])"
#: Of birth or of issue; women's has 40 more.
_DAY, _MONTH = r"(?:0[1-9]|[12]\d|3[01]|4[1-9]|[56]\d|7[01])", r"(?:0[1-9]|1[0-2])"
_BETWEEN = r"[ .\-–]?"
_NUMBERS = (
    # NIK and KK, in groups
    rf"{_PROVINCE}(?:{_BETWEEN}\d){{4}}{_BETWEEN}{_DAY}{_BETWEEN}{_MONTH}(?:{_BETWEEN}\d){{6}}",
    # accounts and telephone numbers, in groups
    r"\d{3,}(?:[-–]\d+){2,}",
    r"(?:\+\d{1,9}|62\d{0,6}|\(\+?\d{2,4}\)|0[2-9]\d{1,2})(?:[ .\-–()]{1,2}\d{2,12}){1,4}",
    r"08\d\d?(?:[/_~·]\d{3,5}){2,3}",
    r"8[1-9]\d[ .\-–]\d{3,4}[ .\-–]\d{3,5}",
    r"\d{3,}(?: \d{3,}){2,}(?: \d{1,2})?",
    # any number that is longer than a date
    r"\+?\d{9,}",
)
_LOOKED_AT = re.compile(
    rf"(?<![\w@])(?:{_EMAIL}|(?P<kept>{'|'.join(_KEPT)})|(?P<number>{'|'.join(_NUMBERS)}))(?![\w@])",
    re.I,
)
#: After the word, fewer digits are an account; `kode rekening` is a budget's.
_ACCOUNT = re.compile(
    r"(?<!kode )\b(?P<word>rek(?:ening)?\b(?:(?!Rp)\D){0,30}?)(?P<number>\d(?:[ .\-]?\d){7,})", re.I
)
#: Fewer digits are a number of a rule or of a house.
_LEAST_DIGITS = 9


def masked(text: str) -> str:
    """`text` with `MASK` for each of them."""
    return _LOOKED_AT.sub(_cover, _ACCOUNT.sub(rf"\g<word>{MASK}", text))


def _cover(found: re.Match[str]) -> str:
    number = found["number"]
    is_short = number is not None and sum(map(str.isdigit, number)) < _LEAST_DIGITS
    return found[0] if found["kept"] or is_short else MASK
