"""What the routes for reports are asked with: one model, which refuses what it does not know."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.reporting.domain.open_data import NotOpen, openly
from services.reporting.domain.query import (
    FILTERS,
    GROUPS,
    MAX_DAYS,
    ReportQuery,
    Value,
    group_pattern,
    of_kecamatan,
    pattern_of,
    read_filter,
)
from services.reporting.domain.report import Shape, read_cursor
from services.reporting.query.exports import EXCEL, Dialect
from shared.reference import COMPLAINT
from shared.text.wording import Fault, Text, Unfit
from shared.web.app import in_order
from shared.web.auth import ELSEWHERE, Caller, Scope
from shared.web.fields import Day, Rfc3339
from shared.web.problems import Problem

MAX_ROWS = 10_000
DEFAULT_ROWS = 1_000

#: Times are kept in milliseconds since then. Older ones have no offset that RFC 3339 can write:
#: until 1932 Makassar was 7:57:36 ahead of Greenwich.
_NOTHING_KNOWN = datetime(1970, 1, 1, tzinfo=UTC)

#: The same whether there are any or not: it tells nothing.
_NO_COMPLAINTS = Text(
    "Angka satu kecamatan tidak memuat pengaduan; pilih jenis lain.",
    "The figures of one kecamatan hold no complaints; choose another kind.",
)
_WHOLE_REGENCY = Text(
    "Data terbuka mencakup semua kecamatan; tanpa kunci tersedia di /v1/open/overview.",
    "Open data are of all kecamatan; without a key they are at /v1/open/overview.",
)


def _filter(name: str) -> str | None:
    field: str | None = Field(
        default=None,
        pattern=pattern_of(name),
        max_length=1000,
        description=f"One or more, separated by commas, of `{name}`",
    )
    return field


class Asked(BaseModel):
    """Filters, and the days of submission."""

    model_config = ConfigDict(populate_by_name=True)

    first: Annotated[Day | None, Field(alias="from", description="First day, Asia/Makassar")] = None
    last: Annotated[Day | None, Field(alias="to", description="Last day, included")] = None
    as_of: Annotated[Rfc3339 | None, Field(description="As it was known at that moment")] = None
    kecamatan: str | None = _filter("kecamatan")
    desa: str | None = _filter("desa")
    topic: str | None = _filter("topic")
    topic_group: str | None = _filter("topic_group")
    kind: str | None = _filter("kind")
    channel: str | None = _filter("channel")
    role: str | None = _filter("role")
    sdgs_goal: str | None = _filter("sdgs_goal")
    satgas: str | None = _filter("satgas")
    officer: str | None = _filter("officer")
    alerted_by: str | None = _filter("alerted_by")
    requester_alerted_by: str | None = _filter("requester_alerted_by")
    vulnerable: str | None = _filter("vulnerable")
    level: str | None = _filter("level")

    def query_of(self, caller: Caller, group_by: tuple[str, ...], now: datetime) -> ReportQuery:
        """As far as `caller` reaches: of one kecamatan without its complaints, or everything.

        Raises `Problem`, also where more than that is asked for by name.
        """
        query = self.query(group_by, now)
        if caller.scope is Scope.ALL:
            return query
        if set(query.filters.get("kecamatan", ())) - {caller.territory}:
            raise Problem("forbidden", detail=ELSEWHERE)
        if COMPLAINT in query.filters.get("kind", ()):
            raise Problem("forbidden", detail=_NO_COMPLAINTS)
        return of_kecamatan(query, str(caller.territory))

    def query(self, group_by: tuple[str, ...], now: datetime) -> ReportQuery:
        """Raises `Problem` where the parts do not go together."""
        if self.first and self.last:
            in_order(self.first, self.last)
            if (self.last - self.first).days >= MAX_DAYS:
                raise wrong("from", "range_too_long", at_most_days(MAX_DAYS))
        if self.as_of is not None and self.as_of > now:
            said = Text(
                "Yang akan diketahui saat itu belum diketahui.",
                "Nobody knows yet what will be known then",
            )
            raise wrong("as_of", "unknown_as_of", said)
        if self.as_of is not None and self.as_of < _NOTHING_KNOWN:
            said = Text(
                "Saat itu belum ada data; minta mulai tahun 1970.",
                "Nothing was known then; ask from 1970 on",
            )
            raise wrong("as_of", "unknown_as_of", said)
        filters: dict[str, tuple[Value, ...]] = {}
        for name in FILTERS:
            text: str | None = getattr(self, name)
            if text is not None:
                filters[name] = read_filter(name, text)
        return ReportQuery(group_by, self.first, self.last, filters, self.as_of)


class AskedReport(Asked):
    group_by: str = Field(
        default="kecamatan",
        pattern=group_pattern(),
        max_length=200,
        description=f"One or more of {', '.join(GROUPS)}, separated by commas",
    )
    empty: bool = Field(default=False, description="Also groups without any consultation")
    open_data: bool = Field(
        default=False,
        description="Of one quarter that is over, by one key, without figures of fewer than five",
    )
    limit: int = Field(default=DEFAULT_ROWS, ge=1, le=MAX_ROWS, description="Rows on a page")
    cursor: str | None = Field(
        default=None, max_length=1000, description="From `next` or `Link` of the page before"
    )

    def query_of(self, caller: Caller, group_by: tuple[str, ...], now: datetime) -> ReportQuery:
        if self.open_data and caller.scope is not Scope.ALL:
            raise Problem("forbidden", detail=_WHOLE_REGENCY)
        return super().query_of(caller, group_by, now)

    def keys(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.group_by.split(",")))

    def query(self, group_by: tuple[str, ...], now: datetime) -> ReportQuery:
        query = super().query(group_by, now)
        if not self.open_data:
            return query
        try:
            return openly(query, now)
        except NotOpen as error:
            raise wrong(error.parameter, "not_open", error.text) from None

    def shape(self, query: ReportQuery) -> Shape:
        shape = Shape(self.limit, self.empty, self.open_data)
        if self.cursor is None:
            return shape
        try:
            after = read_cursor(query, shape, self.cursor)
        except Unfit as error:
            raise wrong("cursor", error.code, error.text) from None
        return Shape(self.limit, self.empty, self.open_data, after)


class AskedFile(AskedReport):
    totals: bool = Field(
        default=False,
        description="A last row of all groups, and a first column `row`: `group` or `total`",
    )


class AskedDialect(BaseModel):
    """How a CSV is written."""

    excel: Literal["id", "en"] | None = Field(
        default=None,
        description="For Excel under Indonesian settings (`;`, decimal comma, byte order mark) or "
        "English ones (`,`, point, byte order mark); what is said beside it goes first",
    )
    delimiter: Literal[",", ";", "|", "tab"] | None = Field(
        default=None, description="Between fields: `,`, and `;` where the decimal is a comma"
    )
    decimal: Literal[".", ","] | None = Field(
        default=None, description="Before the fraction of a number: `.` where nothing is said"
    )
    bom: bool | None = Field(
        default=None, description="A byte order mark first, by which Excel knows UTF-8"
    )

    def dialect(self) -> Dialect:
        """Raises `Problem` where fraction and field would end in the same way."""
        preset = Dialect() if self.excel is None else EXCEL[self.excel]
        decimal = self.decimal or preset.decimal
        delimiter = self.delimiter or (";" if decimal == "," else preset.delimiter)
        if delimiter == decimal:
            raise wrong(
                "delimiter",
                "delimiter_is_decimal",
                Text(
                    "Bukan koma bila desimalnya koma: pakai `;`.",
                    "Not a comma, where the decimal is one: try `;`",
                ),
            )
        bom = preset.bom if self.bom is None else self.bom
        return Dialect("\t" if delimiter == "tab" else delimiter, decimal, bom)


class AskedCsv(AskedFile, AskedDialect):
    pass


def wrong(parameter: str, code: str, detail: Text) -> Problem:
    return Problem("invalid", errors=[Fault(f"query:{parameter}", code, detail)])


def at_most_days(days: int) -> Text:
    return Text(f"Paling banyak {days} hari.", f"At most {days} days")
