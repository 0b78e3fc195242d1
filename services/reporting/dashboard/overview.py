"""What the dashboard asks of the reports, and how the answers become one reply. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from services.reporting.domain.figures import Flat, Group, nothing
from services.reporting.domain.measures import LONG
from services.reporting.domain.query import ReportQuery
from services.reporting.domain.report import Report, Shape
from services.reporting.domain.suppression import demanded
from shared import reference
from shared.times import local_day

Language = Literal["id", "en"]

#: Days that are shown where none are named, today included.
DEFAULT_DAYS = 90
#: Days of the longest range whose course is shown by day, and by week; by month beyond.
DAILY, WEEKLY = 31, 366
#: Days since the submission from which on an open consultation is of the next age.
AGES: tuple[int, ...] = (0, 4, 8, 15, LONG)

TRAINING, INFORMATION = "permintaan_bimtek", "permintaan_informasi"
_DEMAND = {"training": TRAINING, "information": INFORMATION}

_ALL = 10_000
_FIGURES = (
    "submitted",
    "answered",
    "closed",
    "backlog",
    "overdue",
    "escalated",
    "vulnerable",
    "sla_met_ratio",
    "rating_mean",
    "ratings",
)
_RENAMED = {
    "first_answer_office_p50_s": "answer_p50_s",
    "first_answer_office_p90_s": "answer_p90_s",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One query behind the dashboard, and whether groups without a consultation are shown.

    `crossed`: by two keys; `assembled` then sees to it that open data tell of nobody.
    """

    query: ReportQuery
    empty: bool = False
    crossed: bool = False

    def shape(self, *, open_data: bool) -> Shape:
        return Shape(_ALL, self.empty, open_data and not self.crossed)


def in_full(query: ReportQuery, today: date) -> ReportQuery:
    """The query with the days that it did not name."""
    last = query.last or max(today, query.first or today)
    first = query.first or last - timedelta(days=min(DEFAULT_DAYS, last.toordinal()) - 1)
    return replace(query, first=first, last=last)


def parts(
    whole: ReportQuery, today: date, *, open_data: bool, territory: str | None = None
) -> dict[str, Part]:
    """The queries, by what they are for. `whole` names its days.

    `territory`: the kecamatan of who sees no other; `whole` is narrowed down to it.
    """

    def by(*keys: str, **changes: Any) -> ReportQuery:
        return replace(whole, group_by=keys, **changes)

    elsewhere = {name: of for name, of in whole.filters.items() if name != "kecamatan" or territory}
    asked = {
        "totals": Part(by()),
        # all of them, also where one is looked at: it is compared with the others
        "kecamatan": Part(by("kecamatan", filters=elsewhere), empty=True),
        "topics": Part(by("topic")),
        "sdgs": Part(by("sdgs_goal"), empty=True),
        "vulnerable": Part(by("vulnerable")),
        "trend": Part(by(trend_by(whole, open_data=open_data)), empty=True),
        "demand": Part(by("kecamatan", "kind"), crossed=True),
    }
    if not open_data:
        # what is open is open, whenever it was submitted
        ever: dict[str, Any] = {"first": None, "last": None}
        asked["backlog"] = Part(by("day", **ever))
        asked["open_here"] = Part(by("kecamatan", filters=elsewhere, **ever))
        long_ago = date.fromordinal(max(today.toordinal() - LONG, 1))
        asked["old_here"] = Part(by("kecamatan", filters=elsewhere, first=None, last=long_ago))
        if len(whole.filters.get("kecamatan", ())) == 1:
            asked["desa"] = Part(by("desa"), empty=True)
            asked["open_in_desa"] = Part(by("desa", **ever))
            asked["old_in_desa"] = Part(by("desa", first=None, last=long_ago))
        kinds = tuple(
            kind for kind in _DEMAND.values() if kind in whole.filters.get("kind", (kind,))
        )
        if kinds:
            filters = {**whole.filters, "kind": kinds}
            asked["demand_topics"] = Part(by("topic", "kind", filters=filters))
    return asked


def trend_by(whole: ReportQuery, *, open_data: bool) -> str:
    assert whole.first is not None  # noqa: S101 - see `in_full`
    assert whole.last is not None  # noqa: S101
    days = (whole.last - whole.first).days + 1
    if open_data or days > WEEKLY:
        return "month"
    return "week" if days > DAILY else "day"


def assembled(
    found: Mapping[str, Report], whole: ReportQuery, now: datetime, language: Language
) -> dict[str, Any]:
    """The reply, but for what is not a figure."""
    rows = {name: report.rows for name, report in found.items()}
    open_data = "backlog" not in found
    totals, kecamatan = found["totals"].totals, rows["kecamatan"]
    desa = rows.get("desa", {})
    demand = {group: row["submitted"] for group, row in rows["demand"].items()}
    topics = {group: row["submitted"] for group, row in rows.get("demand_topics", {}).items()}
    if open_data:
        demand = demanded(demand, tuple(_DEMAND.values()))
    else:
        totals = {**totals, "backlog": found["backlog"].totals["backlog"]}
        kecamatan = _with_backlog(kecamatan, rows["open_here"], rows["old_here"])
        if desa:
            desa = _with_backlog(desa, rows["open_in_desa"], rows["old_in_desa"])
    by = trend_by(whole, open_data=open_data)
    return {
        "first": whole.first,
        "last": whole.last,
        "totals": summary(totals),
        "today": None if open_data else _today(rows["backlog"], now),
        "backlog": None if open_data else ages(rows["backlog"], now),
        "kecamatan": _places("kecamatan", kecamatan, language),
        "desa": _places("desa", desa, language) if "desa" in found else None,
        "topics": sorted(
            _listed("topic", rows["topics"], language), key=lambda row: -(row["submitted"] or 0)
        ),
        "sdgs": _listed("sdgs_goal", rows["sdgs"], language),
        "vulnerable": [
            {"is_vulnerable": group[0], **summary(row)} for group, row in rows["vulnerable"].items()
        ],
        "trend": {
            "by": by,
            "rows": [
                {
                    "period": group[0],
                    "first": first_day(str(group[0])),
                    **{name: row[name] for name in ("submitted", "answered", "closed")},
                }
                for group, row in rows["trend"].items()
            ],
        },
        "demand": {
            name: {
                "kecamatan": _demanded("kecamatan", kind, demand, language),
                "topics": _demanded("topic", kind, topics, language),
            }
            for name, kind in _DEMAND.items()
        },
    }


def first_day(period: str) -> date:
    """Of a day, week (`2026-W48`) or month."""
    if "W" in period:
        return date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
    return date.fromisoformat(period if len(period) > 7 else f"{period}-01")


def summary(row: Flat) -> dict[str, Any]:
    """The figures of a row that the dashboard shows; seconds are of office time."""
    return {
        **{name: row[name] for name in _FIGURES},
        **{ours: row[theirs] for theirs, ours in _RENAMED.items()},
    }


def ages(rows: Mapping[Group, Flat], now: datetime) -> dict[str, Any]:
    """How long what is open has been, by days since its submission."""
    today = local_day(now)
    waiting = [
        (max((today - date.fromisoformat(str(group[0]))).days, 0), row["backlog"])
        for group, row in rows.items()
        if row["backlog"]
    ]
    ends = [*(start - 1 for start in AGES[1:]), None]
    return {
        "open": sum(count for _, count in waiting),
        "oldest_days": max((age for age, _ in waiting), default=None),
        "ages": [
            {
                "from_days": start,
                "to_days": end,
                "open": sum(
                    count for age, count in waiting if age >= start and (end is None or age <= end)
                ),
            }
            for start, end in zip(AGES, ends, strict=True)
        ],
    }


def _with_backlog(
    rows: Mapping[Group, Flat], all_open: Mapping[Group, Flat], old: Mapping[Group, Flat]
) -> dict[Group, Flat]:
    """What is open of each, whenever it was submitted: places that have nothing else, too."""
    return {
        group: {
            **(rows.get(group) or nothing()),
            "backlog": _open(all_open, group),
            "backlog_old": _open(old, group),
        }
        for group in {**rows, **all_open}
        if group in rows or _open(all_open, group)
    }


def _places(key: str, rows: Mapping[Group, Flat], language: Language) -> list[dict[str, Any]]:
    return [
        {**one, "backlog_old": row.get("backlog_old")}
        for one, row in zip(_listed(key, rows, language), rows.values(), strict=True)
    ]


def _open(rows: Mapping[Group, Flat], group: Group) -> int:
    return rows[group]["backlog"] if group in rows else 0


def _today(rows: Mapping[Group, Flat], now: datetime) -> dict[str, Any]:
    row = rows.get((local_day(now).isoformat(),))
    names = ("submitted", "answered")
    return {name: row[name] if row else 0 for name in names}


def _listed(key: str, rows: Mapping[Group, Flat], language: Language) -> list[dict[str, Any]]:
    return [
        {key: group[0], f"{key}_name": name_of(key, group[0], language), **summary(row)}
        for group, row in rows.items()
    ]


def _demanded(
    key: str, kind: str, counts: Mapping[Group, int | None], language: Language
) -> list[dict[str, Any]]:
    """Who asks for it, most first; those of whom nothing may be said are left out."""
    found = [
        {key: group[0], f"{key}_name": name_of(key, group[0], language), "count": count}
        for group, count in counts.items()
        if group[1] == kind and count
    ]
    return sorted(found, key=lambda row: (-row["count"], row[key]))


def name_of(key: str, value: Any, language: Language) -> str | None:
    """The code again where it has no name today; None where the value is not known."""
    if value is None:
        return None
    if key in ("kecamatan", "desa"):
        region = reference.region(value)
        return region.name if region else str(value)
    tables: Mapping[str, Mapping[Any, Any]] = {
        "topic": reference.topics(),
        "sdgs_goal": reference.sdgs(),
        "kind": reference.kinds(),
    }
    entry = tables[key].get(value)
    if entry is None:
        return str(value)
    return str(getattr(entry, f"name_{language}"))
