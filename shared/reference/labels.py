"""Names, in both languages, of the codes that answers carry: states, moves, reasons, topics …"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from shared.reference.registers import region, topics
from shared.reference.tables import DPMD, HERE, NAMED, channels, kinds, load, roles
from shared.text.wording import Language, Text

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
"""Lists of nothing but codes and their names."""
LABEL_LISTS: tuple[LabelList, ...] = get_args(LabelList)

_TABLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "topics": topics,
    "kinds": kinds,
    "channels": channels,
    "roles": roles,
}


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


def label(
    of: LabelList | Literal["topics", "kinds", "channels", "roles"], code: str, language: Language
) -> str:
    """The name of a code; the code where it has none: one in an old document still shows."""
    found = _TABLES[of]().get(code) if of in _TABLES else labels(of).get(code)
    return code if found is None else Text(found.name_id, found.name_en).said_in(language)


def detail_label(code: str, language: Language) -> str:
    """Of what a timeline tells besides: a reason, a clock or a level."""
    lists: tuple[LabelList, ...] = ("reasons", "clocks", "levels")
    return next((label(of, code, language) for of in lists if code in labels(of)), code)


def satgas_label(code: str, language: Language) -> str:
    """Of a satgas: the kecamatan's name, or the desk's."""
    if code == DPMD:
        return label("levels", code, language)
    found = region(code)
    return found.name if found else code
