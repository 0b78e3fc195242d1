"""What the routes answer with, for the OpenAPI document."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

Stage = Literal[
    "submitted", "assigned", "acknowledged", "answered", "reopened", "closed", "withdrawn",
    "rejected",
]  # fmt: skip


class Duration(BaseModel):
    """Seconds from the receipt, by the clock and, `office_…`, while the offices were open; null
    where nothing has taken any. Quantiles are within 1 %."""

    mean_s: float | None
    p50_s: float | None
    p90_s: float | None
    p95_s: float | None
    office_mean_s: float | None
    office_p50_s: float | None
    office_p90_s: float | None
    office_p95_s: float | None


class Figures(BaseModel):
    """In open data, null is what counts fewer than five people, or would tell of them."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    submitted: int | None
    assigned: int | None
    alerted: int | None
    """An officer was told, by a channel that reaches people."""
    log_only: int | None
    """No officer was told: there was no channel but the log."""
    acknowledged: int | None
    answered: int | None
    closed: int | None
    reopened: int | None
    withdrawn: int | None
    rejected: int | None
    escalated: int | None
    overdue: int | None
    """Missed a deadline, whatever came of it later."""
    backlog: int | None
    """Not ended yet."""
    vulnerable: int | None
    sla_due: int | None
    """Answered, or late with the answer."""
    sla_met: int | None
    """Of these, answered before the deadline."""
    sla_met_ratio: float | None
    first_answer: Duration
    resolution: Duration
    """Until the closing, of what was not reopened after it."""
    rating_mean: float | None
    ratings: int | None


class Row(Figures):
    """One group: its keys with names beside them, and the figures."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    row: Literal["group"]
    """Also where the keys are not known, which are null then."""
    members: str | None = None
    """Where the consultations behind it are listed, for those who may see them; `&of=answered`
    gives those behind one figure."""


class Totals(Figures):
    row: Literal["total"]


class Report(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    as_of: AwareDatetime
    lag_seconds: float
    """How long the oldest event that is not counted yet has been waiting; 0 where none is."""
    events_applied: int | None
    """On how many events these figures rest; null for who sees one kecamatan alone."""
    source: str
    """The cube that they were read from, or `projection`."""
    calendar_version: str | None
    """By which office time was reckoned."""
    group_by: list[str]
    rows: list[Row]
    totals: Totals
    """Of all groups, also those on other pages."""
    next: str | None
    """The cursor of the next page."""


class Member(BaseModel):
    """One consultation, by codes, days and stages: nothing of who asked, and no text."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    day: date
    """Of submission, in Asia/Makassar."""
    kecamatan: str
    kecamatan_name: str
    desa: str
    desa_name: str
    topic: str
    topic_name: str
    kind: str
    kind_name: str
    satgas: str | None
    """Who has it, or had it last."""
    satgas_name: str | None
    level: str | None
    stage: Stage
    """How far it has come, or how it ended."""
    days_open: int | None
    """Since the submission; null where it has ended."""
    overdue: bool
    """Missed a deadline, whatever came of it later."""
    first_answer_office_s: float | None
    """Seconds of office time until the first answer."""


class Members(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    of: str
    count: int
    """Of all pages."""
    ids: list[str]
    rows: list[Member] | None
    """Where `details` were asked for: the same consultations, in the same order."""
    before: int
    """How many are on the pages before."""
    previous: str | None
    """`after` of the page before, of as many; null where that is the first, or this one is."""
    next: str | None
    """`after` of the next page."""


class ReconciliationRow(BaseModel):
    day: str
    kecamatan: str
    accepted: int
    events: int
    reported: int
    difference: int


class Reconciliation(BaseModel):
    """Accepted by intake, of how many an event tells, and how many the reports count. `difference`:
    accepted but not reported; 0 once all is counted, until then what is on its way."""

    as_of: AwareDatetime
    accepted: int
    events: int
    reported: int
    difference: int
    rows: list[ReconciliationRow]
