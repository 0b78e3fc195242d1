"""What can be asked of the reports: keys to group by, filters, days. Pure; says nothing of how."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache

from shared import reference
from shared.reference import COMPLAINT, DPMD

TIME_KEYS: tuple[str, ...] = ("day", "week", "month", "quarter", "year")
"""Of submission, in Asia/Makassar; weeks as `2026-W48`, quarters as `2026-Q4`."""

DIMENSIONS: tuple[str, ...] = (
    "kecamatan",
    "desa",
    "topic",
    "topic_group",
    "kind",
    "channel",
    "role",
    "sdgs_goal",
    "satgas",
    "officer",
    "alerted_by",
    "requester_alerted_by",
)
FILTERS: tuple[str, ...] = (*DIMENSIONS, "vulnerable", "level")
"""What a report can be narrowed down to."""

GROUPS: tuple[str, ...] = (*DIMENSIONS, *TIME_KEYS)
"""What a report can be grouped by."""

#: Days of the longest range, ten years: more is a slip of the pen.
MAX_DAYS = 3660
#: How a filter asks for what is not known.
NOT_KNOWN = "none"
_TOLD_BY = ("alerted_by", "requester_alerted_by")
MAY_BE_UNKNOWN = frozenset({"sdgs_goal", "vulnerable", "satgas", "officer", "level", *_TOLD_BY})
_LISTED = frozenset(FILTERS) - {"desa", "topic", "topic_group", "officer", *_TOLD_BY}
#: Values of one filter.
MAX_VALUES = 50
#: Groups that a report with empty ones may have.
MAX_GROUPS = 10_000

Value = str | int | bool | None
"""Of a key or a filter: a code, a number of an SDGs goal, yes or no; None where not known."""


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """Consultations submitted from `first` to `last` (days, both included), grouped.

    `filters`: key → the values of which one must be met. `as_of`: as it was known then.
    """

    group_by: tuple[str, ...]
    first: date | None = None
    last: date | None = None
    filters: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    as_of: datetime | None = None

    @property
    def needs(self) -> frozenset[str]:
        """The dimensions that must be known to answer it; time is not among them."""
        return frozenset(self.group_by).difference(TIME_KEYS) | frozenset(self.filters)


def read_filter(name: str, text: str) -> tuple[Value, ...]:
    """The values of a filter as it is written, such as `64.02.06,64.02.07` or `none`."""
    return tuple(dict.fromkeys(_value(name, part) for part in text.split(",")))


def _value(name: str, text: str) -> Value:
    if text == NOT_KNOWN and name in MAY_BE_UNKNOWN:
        return None
    if name == "vulnerable":
        return text == "true"
    return int(text) if name == "sdgs_goal" else text


def pattern_of(name: str) -> str:
    """What a filter looks like: one or more values, separated by commas."""
    if name in _LISTED:
        known = [str(value).lower().replace(".", r"\.") for value in domain(name)]
        one = "|".join([*known, NOT_KNOWN] if name in MAY_BE_UNKNOWN else known)
    else:
        # codes that were given up are still in old consultations
        one = r"[0-9]{2}(\.[0-9]{2}){2}\.[0-9]{4}" if name == "desa" else r"[A-Za-z0-9_.\-]{1,64}"
    return rf"^({one})(,({one})){{0,{MAX_VALUES - 1}}}$"


def group_pattern() -> str:
    one = "|".join(GROUPS)
    return rf"^({one})(,({one})){{0,{len(GROUPS) - 1}}}$"


@cache
def domain(key: str) -> tuple[Value, ...]:
    """All values that a dimension can have, where they can be listed: in use now; else none."""
    regions = reference.regions().values()
    match key:
        case "kecamatan":
            return tuple(sorted(one.code for one in regions if one.type == "kecamatan"))
        case "desa":
            return tuple(sorted(one.code for one in regions if one.type in ("desa", "kelurahan")))
        case "topic":
            return tuple(sorted(reference.topics()))
        case "topic_group":
            return tuple(sorted({one.group for one in reference.topics().values()}))
        case "kind":
            return tuple(sorted(reference.kinds()))
        case "channel":
            return tuple(sorted(reference.channels()))
        case "role":
            return tuple(sorted(reference.roles()))
        case "sdgs_goal":
            return tuple(sorted(int(number) for number in reference.sdgs()))
        case "satgas":
            return (*domain("kecamatan"), DPMD)
        case "level":
            return ("dpmd", "satgas")
        case "vulnerable":
            return (False, True)
    return ()


@cache
def without_complaints() -> Mapping[str, tuple[Value, ...]]:
    """The filter of every figure that a kecamatan or the public sees.

    Complaints are in no inbox of a kecamatan: a figure that counts them, less what the inbox holds,
    would tell how many there are (docs/decisions/0014).
    """
    return {"kind": tuple(kind for kind in domain("kind") if kind != COMPLAINT)}


def of_kecamatan(query: ReportQuery, code: str) -> ReportQuery:
    """What of it a kecamatan sees: its own consultations, without complaints. Of the kinds that it
    names, those that are none."""
    seen = without_complaints()["kind"]
    kinds = tuple(kind for kind in query.filters.get("kind", seen) if kind in seen)
    return replace(query, filters={**query.filters, "kecamatan": (code,), "kind": kinds})


def in_order(groups: Iterable[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
    """Sorted by their keys, what is not known last."""
    return sorted(groups, key=lambda group: [(value is None, value) for value in group])
