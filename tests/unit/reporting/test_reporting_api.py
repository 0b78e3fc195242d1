"""reporting's answers over HTTP, from rows and an intake in memory."""

import csv
import io
from collections.abc import AsyncGenerator, Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook

from services.reporting import api
from services.reporting.domain.figures import FIGURES
from services.reporting.domain.measures import COUNTS
from services.reporting.domain.query import GROUPS, ReportQuery
from services.reporting.domain.report import key_columns
from services.reporting.domain.rows import Row
from services.reporting.query.exports import BOM, PARQUET, XLSX, to_csv, to_xlsx
from shared.reference import COMPLAINT
from shared.text.wording import Text
from shared.times import WITA
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import Role
from shared.web.problems import Problem
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import KEYS, keyring_text
from tests.support.services.reporting import FakeReports

REPORT = "/v1/reports/consultations"


class FakeIntake:
    def __init__(self) -> None:
        self.away = False

    async def accepted(self, first: date, last: date) -> dict[tuple[str, str], int]:
        if self.away:
            raise Problem("unavailable", detail=Text(*["intake: ConnectError"] * 2))
        return {("2026-11-24", "64.02.06"): 4}


class Scene:
    def __init__(self) -> None:
        self.reports, self.intake = FakeReports(), FakeIntake()
        self.app: FastAPI = create_http(
            "reporting", "", Keyring.parse(keyring_text()), lambda: True, None
        )
        self.clock = Clock(NOON)
        self.app.include_router(api.routes(self.reports, self.intake, self.clock))


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
async def client(scene: Scene) -> AsyncGenerator[httpx.AsyncClient, None]:
    transport = httpx.ASGITransport(scene.app)
    headers = {"Authorization": f"Bearer {KEYS[Role.DPMD]}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://reporting", headers=headers
    ) as client:
        yield client


async def test_a_report_says_what_it_rests_on_and_names_its_codes(
    client: httpx.AsyncClient,
) -> None:
    report = (await client.get(REPORT)).json()
    assert report["as_of"] == "2026-11-24T12:00:00+08:00"
    assert (report["lag_seconds"], report["events_applied"], report["source"]) == (0.25, 6, "rows")
    row = report["rows"][0]
    assert list(row)[:3] == ["kecamatan", "kecamatan_name", "submitted"]
    assert set(row["first_answer"]) >= {"mean_s", "p50_s", "p90_s", "p95_s", "office_p50_s"}
    assert sum(one["submitted"] for one in report["rows"]) == report["totals"]["submitted"] == 80


async def test_every_format_holds_the_same_numbers(client: httpx.AsyncClient) -> None:
    chance = Random(9)  # noqa: S311
    for _ in range(200):
        keys = chance.sample(GROUPS, chance.choice((1, 2, 3)))
        params = {"group_by": ",".join(keys), "limit": str(chance.choice((7, 1000)))}
        if chance.random() < 0.5:
            params["from"] = "2026-10-10"
        report = (await client.get(REPORT, params=params)).json()
        columns = [*key_columns(keys), *FIGURES]
        expected = [[flat(row)[name] for name in columns] for row in report["rows"]]

        text = (await client.get(f"{REPORT}.csv", params=params)).text
        head, *lines = list(csv.reader(io.StringIO(text)))
        assert head == columns
        assert lines == [["" if v is None else str(v) for v in row] for row in expected]

        book = load_workbook(
            io.BytesIO((await client.get(f"{REPORT}.xlsx", params=params)).content)
        )
        sheet = book.worksheets[0]
        read = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        assert read == typed(columns, expected, in_workbook)

        data = (await client.get(f"{REPORT}.parquet", params=params)).content
        stored = pa.parquet.read_table(io.BytesIO(data))
        read = [list(row.values()) for row in stored.to_pylist()]
        assert read == typed(columns, expected, in_parquet)


def typed(columns: list[str], rows: list[list[Any]], of: Callable[[str, Any], Any]) -> list[Any]:
    return [[of(name, value) for name, value in zip(columns, row, strict=True)] for row in rows]


def in_workbook(name: str, value: Any) -> Any:
    if name in ("day", "month"):
        return datetime.fromisoformat(value if name == "day" else f"{value}-01")
    return int(value) if name == "year" else value


def in_parquet(name: str, value: Any) -> Any:
    if name in ("day", "month"):
        return in_workbook(name, value).date()
    if name == "week":
        return datetime.strptime(f"{value}-1", "%G-W%V-%u").date()
    if name == "quarter":
        year, quarter = value.split("-Q")
        return date(int(year), 3 * int(quarter) - 2, 1)
    return int(value) if name == "year" else value


def flat(row: dict[str, Any]) -> dict[str, Any]:
    whole = {name: value for name, value in row.items() if not isinstance(value, dict)}
    for name in ("first_answer", "resolution"):
        whole |= {f"{name}_{statistic}": value for statistic, value in row[name].items()}
    return whole


async def test_a_format_can_be_asked_for_by_accept(client: httpx.AsyncClient) -> None:
    for suffix, kind in (("csv", "text/csv"), ("xlsx", XLSX), ("parquet", PARQUET)):
        named = await client.get(f"{REPORT}.{suffix}")
        accepted = await client.get(REPORT, headers={"Accept": kind})
        assert named.headers["content-type"].startswith(kind)
        assert accepted.headers["content-type"].startswith(kind)
        if kind != XLSX:  # its archive says when it was made
            assert named.content == accepted.content


async def test_csv_has_a_mark_and_a_total_where_they_are_asked_for(
    client: httpx.AsyncClient,
) -> None:
    plain = await client.get(f"{REPORT}.csv")
    marked = await client.get(f"{REPORT}.csv", params={"bom": "true", "totals": "true"})
    assert marked.content.startswith(BOM + b"row," + plain.content.partition(b"\r\n")[0])
    _, *lines = marked.text.splitlines()
    assert lines[:-1] == [f"group,{line}" for line in plain.text.splitlines()[1:]]
    assert lines[-1].startswith("total,,,80,")


def test_no_file_holds_a_formula() -> None:
    rows = [{"desa": "=CMD()", "submitted": 7}, {"desa": "+1", "submitted": 7}]
    assert to_csv(["desa", "submitted"], rows) == b"desa,submitted\r\n'=CMD(),7\r\n'+1,7\r\n"
    sheet = load_workbook(io.BytesIO(to_xlsx(["desa", "submitted"], rows))).worksheets[0]
    assert [(cell.value, cell.data_type) for cell in sheet["A"]][1:] == [
        ("'=CMD()", "s"),
        ("'+1", "s"),
    ]


async def test_pages_follow_each_other_and_make_up_the_whole(client: httpx.AsyncClient) -> None:
    whole = (await client.get(REPORT, params={"group_by": "desa,kind"})).json()["rows"]
    found: list[Any] = []
    url: str | None = f"{REPORT}?group_by=desa,kind&limit=9"
    while url:
        reply = await client.get(url)
        found += reply.json()["rows"]
        url = reply.links.get("next", {}).get("url")
    assert found == whole


async def test_who_has_a_report_already_gets_304_until_something_changes(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    for path in (REPORT, f"{REPORT}.csv"):
        etag = (await client.get(path)).headers["etag"]
        again = await client.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert (await client.get(path, params={"group_by": "kind"})).headers["etag"] != etag
        scene.reports.edition += 1
        assert (await client.get(path, headers={"If-None-Match": etag})).status_code == 200


async def test_empty_groups_are_shown_with_zeros(client: httpx.AsyncClient) -> None:
    report = (await client.get(REPORT, params={"group_by": "kecamatan", "empty": "true"})).json()
    assert len(report["rows"]) == 20
    empty = next(row for row in report["rows"] if row["submitted"] == 0)
    assert empty["first_answer"]["p50_s"] is None
    nested = await client.get(REPORT, params={"group_by": "kecamatan,desa", "empty": "true"})
    assert all(row["desa"].startswith(row["kecamatan"]) for row in nested.json()["rows"])


async def test_open_data_show_no_figure_of_few(client: httpx.AsyncClient, scene: Scene) -> None:
    scene.clock.now = NOON + timedelta(days=60)
    for keys in ("desa", "desa,quarter", "kecamatan,desa", "topic_group", "month"):
        params = {"group_by": keys, "open_data": "true"}
        report = (await client.get(REPORT, params=params)).json()
        assert report["as_of"] == "2027-01-01T00:00:00+08:00"
        assert report["totals"]["submitted"] == sum(
            row.kind != COMPLAINT for row in scene.reports.rows
        )
        counts = [row[name] for row in report["rows"] for name in COUNTS]
        assert None in counts
        assert all(count is None or count == 0 or count >= 5 for count in counts)


async def test_open_data_count_no_complaint(client: httpx.AsyncClient, scene: Scene) -> None:
    """A kecamatan would know how many there are by its own inbox."""
    scene.clock.now = NOON + timedelta(days=60)
    params = {"group_by": "kind", "empty": "true"}
    known = (await client.get(REPORT, params=params)).json()["rows"]
    shown = (await client.get(REPORT, params=params | {"open_data": "true"})).json()["rows"]
    assert {row["kind"] for row in known} - {row["kind"] for row in shown} == {COMPLAINT}
    assert next(row["submitted"] for row in known if row["kind"] == COMPLAINT) > 0


async def test_open_data_are_the_same_when_another_day_or_the_quarter_is_asked_for(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    scene.clock.now = NOON + timedelta(days=60)
    params = {"group_by": "kecamatan", "open_data": "true"}
    first = (await client.get(REPORT, params=params)).json()
    scene.clock.now += timedelta(days=20)
    again = (await client.get(REPORT, params=params)).json()
    params |= {"from": "2026-10-01", "to": "2026-12-31"}
    named = (await client.get(REPORT, params=params)).json()
    assert first["rows"] == again["rows"] == named["rows"] != []
    assert first["as_of"] == again["as_of"] == named["as_of"]


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"group_by": "kecamatan,month"}, "query:group_by"),
        ({"group_by": "desa,topic_group"}, "query:group_by"),
        ({"group_by": "satgas"}, "query:group_by"),
        ({"kecamatan": "64.02.06"}, "query:kecamatan"),
        ({"from": "2026-07-01", "to": "2026-08-31"}, "query:to"),
        ({"from": "2026-04-01", "to": "2026-09-30"}, "query:to"),
        ({"from": "2026-10-01", "to": "2026-12-31"}, "query:from"),
        ({"to": "2026-12-31"}, "query:to"),
        ({"from": "1901-01-01"}, "query:from"),
        ({"as_of": "2026-11-01T00:00:00+08:00"}, "query:as_of"),
    ],
)
async def test_open_data_are_refused_when_two_reports_of_the_same_people_would_differ(
    client: httpx.AsyncClient, params: dict[str, str], pointer: str
) -> None:
    for suffix in ("", ".csv"):
        reply = await client.get(REPORT + suffix, params={"open_data": "true", **params})
        assert reply.status_code == 422
        assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]


async def test_each_row_leads_to_the_consultations_behind_it(client: httpx.AsyncClient) -> None:
    for keys in ("kecamatan", "topic,month", "sdgs_goal", "week", "quarter,kind", "officer"):
        for row in (await client.get(REPORT, params={"group_by": keys})).json()["rows"]:
            for of in ("submitted", "answered", "sla_due", "sla_met"):
                listed = (await client.get(f"{row['members']}&of={of}")).json()
                assert listed["count"] == len(listed["ids"]) == row[of]


async def test_an_analyst_sees_figures_and_nobody_behind_them(client: httpx.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {KEYS[Role.ANALYST]}"}
    report = (await client.get(REPORT, headers=headers)).json()
    assert not any("members" in row for row in report["rows"])
    assert (await client.get("/v1/reports/members", headers=headers)).status_code == 403


async def test_members_have_pages(client: httpx.AsyncClient) -> None:
    found: list[str] = []
    url: str | None = "/v1/reports/members?limit=30"
    while url:
        reply = await client.get(url)
        found += reply.json()["ids"]
        url = reply.links.get("next", {}).get("url")
    assert len(found) == len(set(found)) == 80


async def test_pages_of_members_lead_back_to_where_they_came_from(
    client: httpx.AsyncClient,
) -> None:
    pages = []
    asked: dict[str, Any] | None = {}
    while asked is not None:
        page = (await client.get("/v1/reports/members", params={"limit": 30, **asked})).json()
        pages.append(page)
        asked = {"after": page["next"]} if page["next"] else None
    assert [page["before"] for page in pages] == [0, 30, 60]
    assert [page["previous"] for page in pages] == [None, None, pages[0]["ids"][-1]]
    assert pages[0]["rows"] is None, "where no details are asked for"


async def test_members_are_told_by_place_topic_and_stage(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    reply = await client.get("/v1/reports/members", params={"details": "true", "limit": 1000})
    rows = {row.id: row for row in scene.reports.rows}
    listed = reply.json()["rows"]
    assert [row["id"] for row in listed] == reply.json()["ids"] == sorted(rows)
    for row in listed:
        one = rows[row["id"]]
        assert (row["day"], row["desa"], row["topic"]) == (one.day, one.desa, one.topic)
        assert row["desa_name"] != row["desa"]
        assert row["overdue"] is (one.overdue_at is not None)
        waited = (date(2026, 11, 24) - date.fromisoformat(one.day)).days
        assert row["days_open"] == (waited if one.is_open else None)
        assert row["stage"] == _stage(one)
    assert len({row["stage"] for row in listed}) > 4
    # what tells more of who asked than whoever sees the list need know
    assert not {"role", "vulnerable", "channel", "officer", "sdgs_goal"} & listed[0].keys()


def _stage(row: Row) -> str:
    ends = {"closed": row.closed_at, "withdrawn": row.withdrawn_at, "rejected": row.rejected_at}
    if not row.is_open:
        return max((name for name in ends if ends[name]), key=lambda name: ends[name] or 0)
    if row.reopened_at:
        return "reopened"
    if row.answered_at:
        return "answered"
    return "acknowledged" if row.acknowledged_at else "assigned" if row.assigned_at else "submitted"


async def test_members_are_files_with_the_same_rows(client: httpx.AsyncClient) -> None:
    params = {"of": "backlog"}
    ids = (await client.get("/v1/reports/members", params=params)).json()["ids"]
    reply = await client.get("/v1/reports/members.csv", params=params)
    assert reply.headers["content-disposition"] == 'attachment; filename="konsultasi-backlog.csv"'
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert [row["id"] for row in rows] == ids
    assert {row["overdue"] for row in rows} <= {"true", "false"}
    reply = await client.get("/v1/reports/members.xlsx", params=params)
    sheet = load_workbook(io.BytesIO(reply.content)).worksheets[0]
    head, *lines = sheet.values
    assert list(head) == list(rows[0])
    assert [line[0] for line in lines] == ids
    assert isinstance(lines[0][1], datetime), "days are dates"
    assert sheet.freeze_panes == "C2"
    reply = await client.get("/v1/reports/members.csv?limit=3")
    assert len(reply.text.splitlines()) == 4
    assert "after=" in reply.links["next"]["url"]
    assert (await client.get("/v1/reports/members.xlsx?excel=id")).status_code == 422


async def test_a_question_is_asked_as_it_was_meant(client: httpx.AsyncClient, scene: Scene) -> None:
    params = {
        "group_by": "month,topic,month",
        "from": "2026-01-01",
        "to": "2026-12-31",
        "sdgs_goal": "1,none,18",
        "vulnerable": "true",
        "as_of": "2026-11-01T00:00:00+08:00",
    }
    assert (await client.get(REPORT, params=params)).status_code == 200
    assert scene.reports.asked == [
        ReportQuery(
            ("month", "topic"),
            date(2026, 1, 1),
            date(2026, 12, 31),
            {"sdgs_goal": (1, None, 18), "vulnerable": (True,)},
            datetime(2026, 11, 1, tzinfo=WITA),
        )
    ]


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"group_by": "umur"}, "query:group_by"),
        ({"group_by": ""}, "query:group_by"),
        ({"group_by": "topic,"}, "query:group_by"),
        ({"umur": "7"}, "query:umur"),
        ({"kecamatan": "64.02.99"}, "query:kecamatan"),
        ({"desa": "Loa Ipuh"}, "query:desa"),
        ({"sdgs_goal": "19"}, "query:sdgs_goal"),
        ({"vulnerable": "ya"}, "query:vulnerable"),
        ({"from": "kemarin"}, "query:from"),
        ({"to": "2026-13-01"}, "query:to"),
        ({"from": "2026-12-01", "to": "2026-11-01"}, "query:from"),
        ({"from": "1900-01-01", "to": "2026-11-01"}, "query:from"),
        ({"as_of": "2026-11-24"}, "query:as_of"),
        ({"as_of": (NOON + timedelta(seconds=1)).isoformat()}, "query:as_of"),
        ({"as_of": "0273-10-12T14:55:27+10:21"}, "query:as_of"),  # its offset would have seconds
        ({"as_of": "0001-01-01T00:00:00+08:00"}, "query:as_of"),
        ({"limit": "0"}, "query:limit"),
        ({"cursor": "xyz"}, "query:cursor"),
        ({"empty": "true", "group_by": "desa,topic,role"}, "query:empty"),
        ({"open_data": "true", "group_by": "officer"}, "query:group_by"),
        ({"open_data": "true", "desa": "64.02.06.2001"}, "query:desa"),
        ({"open_data": "true", "from": "2026-11-02"}, "query:from"),
    ],
)
async def test_a_bad_question_is_answered_with_the_parameter_that_is_wrong(
    client: httpx.AsyncClient, params: dict[str, str], pointer: str
) -> None:
    for suffix in ("", ".csv", ".xlsx", ".parquet"):
        reply = await client.get(REPORT + suffix, params=params)
        assert reply.status_code == 422
        assert reply.headers["content-type"] == "application/problem+json"
        assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]


async def test_a_cursor_is_good_for_its_own_question_only(client: httpx.AsyncClient) -> None:
    page = (await client.get(REPORT, params={"group_by": "desa", "limit": "3"})).json()
    other = await client.get(REPORT, params={"group_by": "topic", "cursor": page["next"]})
    assert other.status_code == 422
    assert other.json()["errors"][0]["pointer"] == "query:cursor"


async def test_a_reconciliation_has_three_sides(client: httpx.AsyncClient, scene: Scene) -> None:
    day = scene.reports.rows[0].received_day
    reply = (await client.get("/v1/reconciliation", params={"from": day})).json()
    assert (reply["accepted"], reply["events"]) == (4, 4)
    there = [row for row in scene.reports.rows if row.received_day >= day]
    assert reply["reported"] == len(there)
    assert reply["difference"] == 4 - len(there)


async def test_without_intake_there_is_no_reconciliation_and_it_says_so(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    scene.intake.away = True
    reply = await client.get("/v1/reconciliation")
    assert reply.status_code == 503
    assert reply.headers["Retry-After"]
    assert reply.json()["detail"] == "intake: ConnectError"
