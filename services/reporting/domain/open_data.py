"""What may be asked as open data: one finished quarter without its complaints, as it was known at
its end. Pure.

Each consultation is told of in the reports of its quarter and in no others, and those never change:
whoever compares what was published at two times, or of two ranges, learns nothing by it.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from services.reporting.domain.query import ReportQuery, without_complaints
from services.reporting.domain.suppression import crossed
from shared.text.wording import Text, Unfit
from shared.times import WITA, local_day

#: By these a person could be told by time and place, or an officer or a small team be rated, or be
#: seen what `alerted` and `log_only` leave out.
NOT_OPEN = frozenset(
    {"day", "week", "officer", "satgas", "level", "alerted_by", "requester_alerted_by"}
)

#: After the end of a quarter: what was logged by then is counted, and every replica says the same.
SETTLED = timedelta(hours=1)
#: Times are kept in milliseconds since then.
_KNOWN_FROM = date(1970, 1, 1)
_DAY = timedelta(days=1)


class NotOpen(Unfit):
    """`parameter`: what of the query may not be asked so."""

    def __init__(self, parameter: str, indonesian: str, english: str) -> None:
        super().__init__(Text(indonesian, english), code="not_open")
        self.parameter = parameter


def open_edition(now: datetime) -> ReportQuery:
    """What anybody may see during a quarter: the one before it, as it was known at its end."""
    return _of_quarter(_begin(_begin(local_day(now - SETTLED)) - _DAY))


def openly(query: ReportQuery, now: datetime) -> ReportQuery:
    """The query as it is answered with open data; of the last quarter where none is named.

    Raises `NotOpen`.
    """
    for key in query.group_by:
        if key in NOT_OPEN:
            raise NotOpen(
                "group_by",
                f"Data terbuka tidak dikelompokkan menurut {key}.",
                f"Open data are not grouped by {key}",
            )
    if len(several := crossed(query.group_by)) > 1:
        raise NotOpen(
            "group_by",
            f"Data terbuka dikelompokkan menurut satu kunci dan induknya, bukan {several}.",
            f"Open data are grouped by one key, and what it is a part of, not by {several}",
        )
    for name in query.filters:
        raise NotOpen(
            name,
            f"Data terbuka tidak difilter: kelompokkan menurut {name}.",
            f"Open data are not narrowed down: group by {name}",
        )
    if query.as_of is not None:
        raise NotOpen(
            "as_of",
            "Data terbuka adalah kondisi pada akhir triwulannya.",
            "Open data are of the end of their quarter",
        )
    latest = open_edition(now)
    assert latest.first is not None  # noqa: S101 - always of a quarter
    if query.first is None and query.last is None:
        return replace(latest, group_by=query.group_by)
    begins = _begin(query.first or query.last or latest.first)
    if not _KNOWN_FROM <= begins <= latest.first:
        raise NotOpen(
            "from" if query.first else "to",
            f"Triwulan terakhir yang sudah selesai: {latest.first} sampai {latest.last}.",
            f"The last quarter that is over is from {latest.first} to {latest.last}",
        )
    asked = _of_quarter(begins)
    for name, day, bound in (
        ("from", query.first, asked.first),
        ("to", query.last, asked.last),
    ):
        if day not in (None, bound):
            raise NotOpen(
                name,
                f"Data terbuka mencakup satu triwulan, misalnya {asked.first} sampai {asked.last}.",
                f"Open data are of one quarter, as from {asked.first} to {asked.last}",
            )
    return replace(asked, group_by=query.group_by)


def _begin(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _of_quarter(begins: date) -> ReportQuery:
    after = _begin(begins + 100 * _DAY)
    as_of = datetime.combine(after, time(), WITA)
    return ReportQuery((), begins, after - _DAY, without_complaints(), as_of)
