"""What people read of us, in Indonesian and English, and what goes wrong with what they wrote.

Pure, so that the rules can say in both languages what they refuse:

    raise Unfit(Text("Akhir sebelum awal.", "It ends before it begins."), code="range_inverted")

in a pydantic validator, or anywhere below an API: `shared/web/problems.py` makes a problem of it.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Language = Literal["id", "en"]


class Text(NamedTuple):
    """The same in both languages."""

    id: str
    en: str

    def said_in(self, language: Language) -> str:
        return self.en if language == "en" else self.id


class Unfit(ValueError):
    """A value that cannot be taken: `text` says what to do about it, `code` is for programs.

    As a string it is English: that is for logs and for who reads a data file's errors.
    """

    def __init__(self, text: Text, code: str = "value_error") -> None:
        super().__init__(text, code)
        self.text = text
        self.code = code

    def __str__(self) -> str:
        return self.text.en


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that is wrong. `pointer`: a JSON pointer into the body, or `query:` and the
    parameter's name; `code`: stable, for clients."""

    pointer: str
    code: str
    detail: Text
