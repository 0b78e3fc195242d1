"""What the dashboard's routes answer with, for the OpenAPI document."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict


class OverviewFigures(BaseModel):
    """In open data, null is what counts fewer than five people, or would tell of them."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    submitted: int | None
    answered: int | None
    closed: int | None
    backlog: int | None
    """Not ended yet; of the whole and of a kecamatan also what was submitted before `first`, but
    in open data."""
    overdue: int | None
    """Missed a deadline, whatever came of it later."""
    escalated: int | None
    vulnerable: int | None
    sla_met_ratio: float | None
    """Answered before the deadline, of those that were answered or are late."""
    rating_mean: float | None
    ratings: int | None
    answer_p50_s: float | None
    """Seconds of office time until the first answer."""
    answer_p90_s: float | None


class OfKecamatan(OverviewFigures):
    kecamatan: str
    kecamatan_name: str
    backlog_old: int | None
    """Of `backlog`, what has waited as long as the last of `backlog.ages`; null in open data."""


class OfDesa(OverviewFigures):
    desa: str
    desa_name: str
    backlog_old: int | None
    """As of a kecamatan."""


class OfTopic(OverviewFigures):
    topic: str
    topic_name: str


class OfGoal(OverviewFigures):
    sdgs_goal: int | None
    sdgs_goal_name: str | None


class OfVulnerable(OverviewFigures):
    is_vulnerable: bool | None
    """Null where nobody said."""


class Today(BaseModel):
    """What was submitted today, and how much of that is answered."""

    submitted: int
    answered: int


class Age(BaseModel):
    """Open consultations by days since their submission; the last age has no end."""

    from_days: int
    to_days: int | None
    open: int


class Backlog(BaseModel):
    open: int
    oldest_days: int | None
    ages: list[Age]


class Period(BaseModel):
    """Consultations submitted in a day, week or month, and how far they have come."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    period: str
    first: date
    """Its first day, which may be before the range."""
    submitted: int | None
    answered: int | None
    closed: int | None


class Trend(BaseModel):
    by: Literal["day", "week", "month"]
    rows: list[Period]


class KecamatanDemand(BaseModel):
    kecamatan: str
    kecamatan_name: str
    count: int


class TopicDemand(BaseModel):
    topic: str
    topic_name: str
    count: int


class Demand(BaseModel):
    kecamatan: list[KecamatanDemand]
    topics: list[TopicDemand]


class Demands(BaseModel):
    """Requests for training, and for information on programmes."""

    training: Demand
    information: Demand


class Targets(BaseModel):
    """Working days within which an answer is due."""

    answer_days: int
    answer_days_by_kind: dict[str, int]


class Overview(BaseModel):
    """All that the dashboard shows."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    as_of: AwareDatetime
    lag_seconds: float | None
    """How long the oldest event that is not counted yet has been waiting; null in open data."""
    position: str | None
    """`Last-Event-ID` for the stream: it tells what changed since. Null in open data."""
    open_data: bool
    territory: str | None
    """The kecamatan of who sees no other: then without complaints."""
    lists: bool
    """Whether who asks may open the list behind a figure: `GET /v1/reports/members`."""
    conversations: bool
    """Whether who asks may read what was written, in the officers' pages."""
    first: date
    last: date
    """Days of submission, both included."""
    targets: Targets | None
    totals: OverviewFigures
    today: Today | None
    backlog: Backlog | None
    """Of all submissions, whatever the days; null in open data."""
    kecamatan: list[OfKecamatan]
    """All of them, whichever one is looked at; of who sees one alone, that one."""
    desa: list[OfDesa] | None
    """Of the kecamatan that is looked at, where that is one; null in open data."""
    topics: list[OfTopic]
    sdgs: list[OfGoal]
    vulnerable: list[OfVulnerable]
    trend: Trend
    demand: Demands
