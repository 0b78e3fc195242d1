"""Characters that no text may have, and those that are shown with care. Pure.

Control characters are refused where text comes in; on one line, as a title or a name is, breaks
and what cannot be seen are refused as well. In longer texts marks of direction are kept, which
belong to some scripts; one that is left open turns round what stands beside the text, a ticket's
number or an officer's name, so a text is shown shut in by itself.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from math import isfinite
from typing import Any

from shared.text.json_documents import Repeating
from shared.text.wording import Fault, Text, Unfit

#: Faults that one answer tells of.
MOST_FAULTS = 20
REPEATED = "repeated_name"

# Inside of a class of regular expressions, also JSON Schema's:
#: Controls, and what ends a line.
_CONTROLS, _BREAKS = r"\x00-\x1f\x7f-\x9f", r"\u2028\u2029"
#: What some scripts, and emoji, need between two characters of a word.
_JOINERS = r"\u200c\u200d"
#: The rest of what says how others are shown and is not shown itself: Unicode's Cf without the few
#: signs that are drawn.
_FORMATS = (
    r"\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f"
)
#: Letters and marks that are drawn as nothing.
_EMPTY = (
    r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef"
)

#: A character that can be seen.
SEEN = rf"[^\s{_CONTROLS}{_JOINERS}{_FORMATS}{_EMPTY}]"
#: As a class of JSON Schema and of regular expressions: what a text may have.
LEGIBLE = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
#: A text of those with one that can be seen.
TEXT = rf"^{LEGIBLE}*{SEEN}{LEGIBLE}*$"
_ON_A_LINE = rf"[^{_CONTROLS}{_BREAKS}{_FORMATS}]"
#: The same on one line; where joiners may be, `line` says.
LINE = rf"^{_ON_A_LINE}*{SEEN}{_ON_A_LINE}*$"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_JOINED = rf"[^\s{_CONTROLS}{_JOINERS}{_FORMATS}]"
_OFF_THE_LINE = re.compile(
    rf"[{_CONTROLS}{_BREAKS}{_FORMATS}]|(?<!{_JOINED})[{_JOINERS}]|[{_JOINERS}](?!{_JOINED})"
)
_NOT_IN_AN_ADDRESS = re.compile(rf"[{_CONTROLS}{_BREAKS}\u202e]")
_BREAK = re.compile(r"[ \t]*[\t\n\r\u2028\u2029][ \t\n\r\u2028\u2029]*")

_FSI, _PDI, _PDF = "\u2068", "\u2069", "\u202c"
_ISOLATES = "\u2066\u2067\u2068"
_EMBEDDINGS = "\u202a\u202b\u202d\u202e"
_DIRECTIONS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_NO_CONTROLS = Text(
    "Berisi karakter kendali yang tidak terlihat; hapus, lalu kirim lagi.",
    "It has control characters, which cannot be seen: remove them and send it again.",
)
_NO_MARKS = Text(
    "Nama isian di sini berisi karakter yang tidak terlihat.",
    "The name of a field here has characters that cannot be seen.",
)
_ONE_LINE = Text(
    "Tuliskan dalam satu baris, tanpa karakter yang tidak terlihat.",
    "Write it on one line, without characters that cannot be seen",
)
_REPEATED = Text(
    "Isian ini dikirim lebih dari sekali; kirim satu saja.",
    "This field was sent more than once: send it once.",
)
_NOT_FINITE = Text("Bilangan ini tidak terhingga.", "This number is not finite.")


def illegible(document: Any, at: str = "") -> list[Fault]:
    """Where a JSON document has texts with control characters or halves of a surrogate pair, names
    that one object has twice, or numbers that are none.

    Tabs and line breaks are no control characters. `at`: the pointer of the document. Names of
    fields, which stand in pointers, have no marks either.
    """
    return list(islice(_illegible(document, at), MOST_FAULTS))


def repeated(document: Any) -> list[Fault]:
    """Of those the names that one object has twice."""
    found = (fault for fault in _illegible(document, "") if fault.code == REPEATED)
    return list(islice(found, MOST_FAULTS))


def _illegible(document: Any, at: str) -> Iterator[Fault]:
    left = [(document, at)]  # no recursion: a body may be nested as deep as its parser goes
    while left:
        value, at = left.pop()
        if isinstance(value, str):
            if _CONTROL.search(value):
                yield Fault(at, "control_characters", _NO_CONTROLS)
        elif isinstance(value, list):
            left += [(one, f"{at}/{number}") for number, one in reversed([*enumerate(value)])]
        elif isinstance(value, dict):
            if any(map(_has_marks, value)):
                yield Fault(at, "control_characters", _NO_MARKS)
            else:
                if isinstance(value, Repeating):
                    for name in value.repeated:
                        yield Fault(f"{at}/{_escape(name)}", REPEATED, _REPEATED)
                left += [(one, f"{at}/{_escape(name)}") for name, one in reversed(value.items())]

        elif isinstance(value, float) and not isfinite(value):
            yield Fault(at, "not_finite", _NOT_FINITE)


def _has_marks(name: str) -> bool:
    # of the characters that are printed, in ASCII, none is a mark
    return not (name.isascii() and name.isprintable()) and any(map(_is_mark, name))


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs")


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def visible(name: str) -> str:
    """A name of the sender's making, as it may be said back: U+FFFD for what cannot be seen."""
    return "".join("\ufffd" if _is_mark(char) else char for char in name)


def line(text: object) -> object:
    """`text` as it is, for a validator before all others. Raises `Unfit` where it has line breaks,
    tabs, or characters that cannot be seen, but for joiners between two that can."""
    if isinstance(text, str) and not text.isprintable() and _OFF_THE_LINE.search(text):
        raise Unfit(_ONE_LINE, code="not_one_line")
    return text


def address_line(text: object) -> object:
    """The same for an address, which is kept without the marks that came along when it was copied:
    `Unfit` for line breaks, tabs and what would turn it round."""
    if isinstance(text, str) and not text.isprintable() and _NOT_IN_AN_ADDRESS.search(text):
        raise Unfit(_ONE_LINE, code="not_one_line")
    return text


def one_line(text: str) -> str:
    """`text` with a blank for each line break or tab, and the blanks around it."""
    return _BREAK.sub(" ", text)


def shown(text: str) -> str:
    """`text` as it may stand beside others: what it does to directions ends where it does.

    Most texts come back as they are. Control characters were not refused always: U+FFFD for each.
    """
    text = _CONTROL.sub("\ufffd", text)
    if not _DIRECTIONS.search(text):
        return text
    # a line break ends every direction
    return "".join(map(_shut_in, re.split(r"([\n\r\u2029]+)", text)))


def _shut_in(line: str) -> str:
    """Isolated, with what it opens closed, and without what would close the isolation."""
    if not _DIRECTIONS.search(line):
        return line
    kept, opened = list[str](), list[str]()
    for char in line:
        if char in _ISOLATES:
            opened.append(_PDI)
        elif char in _EMBEDDINGS:
            opened.append(_PDF)
        elif char == _PDI:
            if _PDI not in opened:
                continue
            while opened.pop() != _PDI:
                kept.append(_PDF)
        elif char == _PDF:
            if not opened or opened[-1] != _PDF:
                continue
            opened.pop()
        kept.append(char)
    return "".join([_FSI, *kept, *reversed(opened), _PDI])
