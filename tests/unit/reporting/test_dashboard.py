"""The dashboard's figures, who sees which of them, and the page that shows them."""

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import date, datetime, time, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.reporting.clients.targets import Targets
from services.reporting.dashboard import overview, page
from services.reporting.dashboard.overview import AGES, ages, in_full
from services.reporting.domain.figures import Flat, Group
from services.reporting.domain.open_data import open_edition
from services.reporting.domain.query import ReportQuery, domain
from services.reporting.query.members import ENDS, STAGES
from shared.times import WITA, local_day
from shared.web.permissions import Role
from tests.support.builders import NOON
from tests.support.keys import KEYS, bearer
from tests.support.services.dashboard import Scene

OVERVIEW, OPEN = "/v1/reports/overview", "/v1/open/overview"
ANALYST = bearer(KEYS[Role.ANALYST])
FOLDER = Path(page.__file__).parent
TODAY = local_day(NOON)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(600)


@pytest.fixture
async def client(scene: Scene) -> AsyncGenerator[httpx.AsyncClient, None]:
    async for found in clients(scene):
        yield found


async def clients(scene: Scene) -> AsyncGenerator[httpx.AsyncClient, None]:
    transport = httpx.ASGITransport(scene.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://reporting") as client:
        yield client


async def read(client: httpx.AsyncClient, path: str = OVERVIEW, **params: str) -> Any:
    reply = await client.get(path, params=params, headers=ANALYST if path == OVERVIEW else {})
    assert reply.status_code == 200, reply.text
    return reply.json()


# the figures


async def test_it_shows_what_the_rows_say(client: httpx.AsyncClient, scene: Scene) -> None:
    found = await read(client)
    assert (found["first"], found["last"]) == ("2026-08-27", "2026-11-24")
    assert found["open_data"] is False
    rows = [row for row in scene.reports.rows if found["first"] <= row.day <= found["last"]]
    totals = found["totals"]
    assert totals["submitted"] == len(rows) > 50
    assert totals["answered"] == sum(row.answered_at is not None for row in rows)
    assert totals["vulnerable"] == sum(row.vulnerable is True for row in rows)
    for name in ("kecamatan", "topics"):
        assert sum(row["submitted"] for row in found[name]) == len(rows)
    assert sum(row["submitted"] for row in found["trend"]["rows"]) == len(rows)
    assert [row["sdgs_goal"] for row in found["sdgs"]][:18] == list(range(1, 19))
    by_vulnerable = {row["is_vulnerable"]: row["submitted"] for row in found["vulnerable"]}
    assert by_vulnerable[True] == totals["vulnerable"]
    assert sum(by_vulnerable.values()) == len(rows)


async def test_what_is_open_is_open_whenever_it_was_submitted(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    found = await read(client, **{"from": "2026-11-01", "to": "2026-11-24"})
    still_open = [row for row in scene.reports.rows if row.is_open]
    assert found["backlog"]["open"] == found["totals"]["backlog"] == len(still_open)
    assert sum(age["open"] for age in found["backlog"]["ages"]) == len(still_open)
    oldest = min(date.fromisoformat(row.day) for row in still_open)
    assert found["backlog"]["oldest_days"] == (TODAY - oldest).days
    of = {row["kecamatan"]: row["backlog"] for row in found["kecamatan"]}
    assert of["64.02.01"] == sum(row.kecamatan == "64.02.01" for row in still_open) > 0
    assert sum(of.values()) == len(still_open)


async def test_what_has_waited_long_is_counted_by_kecamatan_when_it_is_open(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    found = await read(client, **{"from": "2026-11-01", "to": "2026-11-24"})
    last_day = (TODAY - timedelta(days=AGES[-1])).isoformat()
    old = [row for row in scene.reports.rows if row.is_open and row.day <= last_day]
    of = {row["kecamatan"]: row["backlog_old"] for row in found["kecamatan"]}
    assert of["64.02.01"] == sum(row.kecamatan == "64.02.01" for row in old) > 0
    assert sum(of.values()) == len(old) == found["backlog"]["ages"][-1]["open"]
    open_edition_ = await read(client, OPEN)
    assert {row["backlog_old"] for row in open_edition_["kecamatan"]} == {None}


async def test_demand_is_counted_by_kind(client: httpx.AsyncClient, scene: Scene) -> None:
    found = await read(client)
    for name, kind in (("training", "permintaan_bimtek"), ("information", "permintaan_informasi")):
        wanted = sum(
            row.kind == kind and found["first"] <= row.day <= found["last"]
            for row in scene.reports.rows
        )
        assert sum(row["count"] for row in found["demand"][name]["kecamatan"]) == wanted > 0
        assert sum(row["count"] for row in found["demand"][name]["topics"]) == wanted


async def test_a_filter_narrows_all_but_the_other_kecamatan(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    whole, found = await read(client), await read(client, kecamatan="64.02.01")
    assert found["kecamatan"] == whole["kecamatan"]
    (own,) = [row for row in found["kecamatan"] if row["kecamatan"] == "64.02.01"]
    assert found["totals"]["submitted"] == own["submitted"] < whole["totals"]["submitted"]
    assert sum(row["submitted"] for row in found["topics"]) == own["submitted"]
    complaints = await read(client, kind="pengaduan")
    assert complaints["demand"]["training"] == {"kecamatan": [], "topics": []}


@pytest.mark.parametrize(
    ("said", "topic", "goal"),
    [
        ("id", "Dana Desa", "Desa Tanpa Kemiskinan"),
        ("en", "National village fund", "Villages without poverty"),
    ],
)
async def test_names_are_in_the_language_that_is_asked_for(
    client: httpx.AsyncClient, said: str, topic: str, goal: str
) -> None:
    found = (await client.get(OVERVIEW, headers={**ANALYST, "Accept-Language": said})).json()
    assert {row["topic_name"] for row in found["topics"] if row["topic"] == "KEU-DD"} == {topic}
    assert found["sdgs"][0]["sdgs_goal_name"] == goal


@pytest.mark.parametrize(
    ("first", "last", "by", "label"),
    [
        ("2026-11-01", "2026-11-24", "day", ("2026-11-01", "2026-11-01")),
        ("2026-09-01", "2026-11-24", "week", ("2026-W36", "2026-08-31")),
        ("2025-10-01", "2026-11-24", "month", ("2025-10", "2025-10-01")),
    ],
)
async def test_the_course_is_by_day_week_or_month(
    client: httpx.AsyncClient, first: str, last: str, by: str, label: tuple[str, str]
) -> None:
    trend = (await read(client, **{"from": first, "to": last}))["trend"]
    assert trend["by"] == by
    assert (trend["rows"][0]["period"], trend["rows"][0]["first"]) == label


def test_ages_have_no_gap_and_no_overlap() -> None:
    rows: dict[Group, Flat] = {
        ((TODAY - timedelta(days=days)).isoformat(),): {"backlog": 1} for days in range(60)
    }
    rows["2026-11-30",] = {"backlog": 5}  # a device's clock that was ahead
    found = ages(rows, NOON)
    assert sum(age["open"] for age in found["ages"]) == found["open"] == 65
    assert [age["from_days"] for age in found["ages"]] == list(AGES)
    assert [age["open"] for age in found["ages"]] == [4 + 5, 4, 7, 16, 29]
    assert ages({}, NOON) == {
        "open": 0,
        "oldest_days": None,
        "ages": [{**age, "open": 0} for age in found["ages"]],
    }


def test_days_that_are_not_named_are_the_last_ninety() -> None:
    def days(first: date | None, last: date | None) -> tuple[date | None, date | None]:
        whole = in_full(ReportQuery((), first, last), TODAY)
        return whole.first, whole.last

    assert days(None, None) == (TODAY - timedelta(days=89), TODAY)
    assert days(None, date(2026, 3, 31)) == (date(2026, 1, 1), date(2026, 3, 31))
    assert days(date(2026, 11, 1), None) == (date(2026, 11, 1), TODAY)
    assert days(date(2027, 1, 1), None) == (date(2027, 1, 1), date(2027, 1, 1))
    assert days(None, date.min) == (date.min, date.min)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=2026-11-02&to=2026-11-01", "query:from"),
        ("from=0001-01-01", "query:from"),
        ("kecamatan=64.02.99", "query:kecamatan"),
        ("vulnerable=maybe", "query:vulnerable"),
        ("as_of=2027-01-01T00:00:00Z", "query:as_of"),
        ("colour=blue", "query:colour"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    client: httpx.AsyncClient, query: str, pointer: str
) -> None:
    reply = await client.get(f"{OVERVIEW}?{query}", headers=ANALYST)
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]


async def test_it_is_made_once_for_all_who_ask_and_anew_when_something_changed() -> None:
    scene = Scene(50)
    async for client in clients(scene):
        replies = await asyncio.gather(*(client.get(OVERVIEW, headers=ANALYST) for _ in range(20)))
        assert len({reply.headers["ETag"] for reply in replies}) == 1
        # one query by topic for each time that it was made
        assert sum(asked.group_by == ("topic",) for asked in scene.reports.asked) == 1
        known = {**ANALYST, "If-None-Match": replies[0].headers["ETag"]}
        again = await client.get(OVERVIEW, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        scene.submit()
        after = await client.get(OVERVIEW, headers=known)
        assert after.status_code == 200
        assert after.json()["today"]["submitted"] == replies[0].json()["today"]["submitted"] + 1
        assert after.json()["position"] != replies[0].json()["position"]


# who sees what


@pytest.mark.parametrize("role", KEYS)
async def test_figures_of_today_are_for_who_may_read_reports(
    client: httpx.AsyncClient, role: Role
) -> None:
    reply = await client.get(OVERVIEW, headers=bearer(KEYS[role]))
    may = role not in (Role.FRONTEND, Role.OFFICER, Role.NOTIFY, Role.REPORTING)
    assert reply.status_code == (200 if may else 403)
    assert (await client.get(OVERVIEW)).status_code == 401


async def test_anybody_sees_the_open_edition_without_small_figures(
    client: httpx.AsyncClient,
) -> None:
    reply = await client.get(OPEN)
    assert reply.headers["Cache-Control"] == "public, max-age=3600"
    found = reply.json()
    assert (found["first"], found["last"]) == ("2026-07-01", "2026-09-30")
    assert found["as_of"] == "2026-10-01T00:00:00+08:00"
    assert found["open_data"] is True
    assert (found["today"], found["backlog"], found["position"]) == (None, None, None)
    assert found["trend"]["by"] == "month"
    counts = ("submitted", "answered", "closed", "backlog", "overdue", "vulnerable", "ratings")
    shown = [
        row[name]
        for part in ("kecamatan", "topics", "sdgs", "vulnerable")
        for row in found[part]
        for name in counts
    ]
    assert None in shown
    assert not {1, 2, 3, 4} & set(shown)
    demanded = [row["count"] for of in found["demand"].values() for row in of["kecamatan"]]
    assert demanded
    assert min(demanded) >= 5
    assert all(of["topics"] == [] for of in found["demand"].values())


async def test_the_open_edition_is_the_same_for_the_whole_quarter() -> None:
    scene = Scene(100)
    async for client in clients(scene):
        first = await client.get(OPEN)
        scene.submit(3)
        scene.clock.now = datetime(2027, 1, 1, 0, 59, tzinfo=WITA)
        assert (await client.get(OPEN)).json() == first.json()
        asked = scene.reports.asked[0]
        assert asked.as_of == datetime(2026, 10, 1, tzinfo=WITA)
        known = {"If-None-Match": first.headers["ETag"]}
        assert (await client.get(OPEN, headers=known)).status_code == 304
        scene.clock.now += timedelta(minutes=1)
        assert (await client.get(OPEN)).json()["last"] == "2026-12-31"


def test_an_open_edition_is_of_the_quarter_before() -> None:
    for day, first, last in (
        (date(2026, 1, 1), date(2025, 10, 1), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2025, 10, 1), date(2025, 12, 31)),
        (date(2026, 4, 1), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2028, 8, 15), date(2028, 4, 1), date(2028, 6, 30)),
    ):
        edition = open_edition(datetime.combine(day, time(1), WITA))
        assert (edition.first, edition.last) == (first, last)
        assert edition.as_of == datetime.combine(last + timedelta(days=1), time(), WITA)


async def test_there_may_be_no_open_edition() -> None:
    async for client in clients(Scene(10, open_data=False)):
        assert (await client.get(OPEN)).status_code == 404
        assert "&#34;openData&#34;: false" in (await client.get("/")).text


# the line that times are held against


async def test_targets_are_asked_for_now_and_then_and_kept_while_routing_is_away() -> None:
    answers: list[httpx.Response | None] = []
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["Authorization"])
        reply = answers.pop(0)
        if reply is None:
            raise httpx.ConnectError("away")
        return reply

    policy = {"answer": {"days": 5, "days_by_kind": {"permintaan_informasi": 3}, "escalations": []}}
    targets = Targets("http://routing", "key", httpx.MockTransport(answer))
    answers += [None]
    assert await targets.targets() is None
    assert await targets.targets() is None
    assert asked == ["Bearer key"]
    await targets.close()

    targets = Targets("http://routing", "key", httpx.MockTransport(answer), fresh_seconds=0.0)
    expected = {"answer_days": 5, "answer_days_by_kind": {"permintaan_informasi": 3}}
    answers += [httpx.Response(200, json=policy), httpx.Response(503), None]
    for _ in range(3):
        assert await targets.targets() == expected
    await targets.close()


# the page


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


async def test_the_page_is_indonesian_unless_english_is_asked_for(
    client: httpx.AsyncClient,
) -> None:
    browser = {"Accept-Language": "en-US,en;q=0.9"}
    for path, said in (("/", "id"), ("/?lang=en", "en"), ("/?lang=xx", "id")):
        text = (await client.get(path, headers=browser)).text
        assert Tags(text).found[0] == ("html", {"lang": said})
    assert "Belum selesai" in (await client.get("/")).text


@pytest.mark.parametrize("said", ["id", "en"])
async def test_the_page_shows_no_object_of_python_when_it_is_read(
    client: httpx.AsyncClient, said: str
) -> None:
    text = (await client.get("/", params={"lang": said})).text
    assert re.findall(r".*(?: object at 0x|&lt;\S+ method).*", text) == []


async def test_the_page_has_a_strict_policy_and_keeps_to_it(client: httpx.AsyncClient) -> None:
    reply = await client.get("/")
    policy = dict(
        part.split(" ", 1) for part in reply.headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert all(value in ("'none'", "'self'") for value in policy.values())
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    for tag, attributes in Tags(reply.text).found:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "script":
            assert attributes["src"]
        for name in ("src", "href", "action"):
            address = attributes.get(name) or ""
            assert "//" not in address, "nothing from elsewhere"


async def test_every_file_that_is_asked_for_is_there(client: httpx.AsyncClient) -> None:
    page_ = (await client.get("/")).text
    wanted = {
        attributes[name]
        for _, attributes in Tags(page_).found
        for name in ("src", "href")
        if (attributes.get(name) or "").startswith("dashboard/")
    }
    for script in sorted(FOLDER.glob("static/*.js")):
        modules = re.findall(r'from "\./([\w.]+)"', script.read_text(encoding="utf-8"))
        wanted |= {f"dashboard/{name}" for name in modules}
    assert len(wanted) > 8
    for path in wanted:
        reply = await client.get(f"/{path}")
        assert reply.status_code == 200, path
        known = {"If-None-Match": reply.headers["ETag"]}
        assert (await client.get(f"/{path}", headers=known)).status_code == 304
        assert reply.headers["Cache-Control"].endswith(
            "immutable" if "uplot" in str(path) else "no-cache"
        )


@pytest.mark.parametrize(
    "path",
    ["none.js", "../page.py", "..%2fpage.py", "%2e%2e/texts.json", "/etc/passwd", "vendor", ""],
)
async def test_nothing_else_is(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(f"/dashboard/{path}")
    assert reply.status_code == 404


@pytest.mark.parametrize("said", ["id", "en"])
def test_every_text_is_there_and_said_somewhere(said: Any) -> None:
    texts = page.texts(said)
    assert all(texts.values())
    template = (FOLDER / "templates" / "dashboard.html").read_text(encoding="utf-8")
    scripts = "".join(
        path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("static/*.js"))
    )
    in_template = set(re.findall(r"\bt\.(\w+)|\bt\['(\w+)'\]", template))
    used = {name for pair in in_template for name in pair if name}
    used |= set(re.findall(r'text\(\s*"(\w+)"', scripts))
    assert used <= texts.keys()
    quoted = set(re.findall(r'"(\w+)"', scripts))
    made = {name for name in texts if name.startswith(("group_", "trend_", "stage_"))}
    assert texts.keys() <= used | quoted | made
    assert {f"group_{code}" for code in domain("topic_group")} <= texts.keys()
    assert {f"stage_{stage}" for stage in (*STAGES, *ENDS)} <= texts.keys()


def test_every_kecamatan_has_a_place_of_its_own_on_the_map() -> None:
    tiles = page.tiles()
    assert sorted(tile.code for tile in tiles) == list(domain("kecamatan"))
    assert len({(tile.column, tile.row) for tile in tiles}) == len(tiles)
    styles = (FOLDER / "static" / "dashboard.css").read_text(encoding="utf-8")
    for tile in tiles:
        assert f".column-{tile.column} {{" in styles
        assert f".row-{tile.row} {{" in styles
        name = overview.name_of("kecamatan", tile.code, "id")
        assert tile.name.replace("\u00ad", "") == name


def test_what_is_vendored_says_where_it_is_from() -> None:
    folder = FOLDER / "static" / "vendor"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.iterdir():
        if path.suffix in (".js", ".css"):
            assert path.name.startswith(page.UPLOT)
    assert f"`{page.UPLOT}.js`" in readme
    assert "Permission is hereby granted" in (folder / "uplot-LICENSE.txt").read_text()


@pytest.mark.parametrize("path", ["/", "/dashboard/tokens.css", "/dashboard/nothing.css"])
async def test_head_is_answered_as_get_is(client: httpx.AsyncClient, path: str) -> None:
    got, looked = await client.get(path), await client.head(path)
    assert looked.status_code == got.status_code
    for name in ("etag", "content-type", "content-length", "cache-control"):
        assert looked.headers.get(name) == got.headers.get(name), name
