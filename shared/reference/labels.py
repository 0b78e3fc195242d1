"""Names, in both languages, of the codes that answers carry: states, moves, reasons …"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from shared.reference.tables import HERE, NAMED, load
from shared.wording import Language, Text

LabelList = Literal[
    "statuses",
    "moves",
    "messages",
    "happenings",
    "reasons",
    "clocks",
    "levels",
    "case_states",
    "alert_states",
]
LABEL_LISTS: tuple[LabelList, ...] = get_args(LabelList)


@dataclass(frozen=True, slots=True)
class Label:
    code: str
    name_id: str
    name_en: str

    @property
    def text(self) -> Text:
        return Text(self.name_id, self.name_en)


@cache
def labels(of: LabelList) -> Mapping[str, Label]:
    return load(HERE / f"{of}.csv", NAMED, lambda row: Label(**row))


def label(of: LabelList, code: str, language: Language) -> str:
    """The name of a code; the code where it has none: one in an old document still shows."""
    found = labels(of).get(code)
    return found.text.said_in(language) if found else code


def detail_label(code: str, language: Language) -> str:
    """Of what a timeline tells besides: a reason, a clock or a level."""
    lists: tuple[LabelList, ...] = ("reasons", "clocks", "levels")
    return next((label(of, code, language) for of in lists if code in labels(of)), code)
