"""What camat and coordinator see: their kecamatan without its complaints, and nothing by which
anything else could be told. Each answer is held against itself before and after."""

import asyncio
import io
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from openpyxl import load_workbook

from services.reporting.dashboard.overview import in_full, parts
from services.reporting.domain.cubes import serving
from services.reporting.domain.periods import coarsest_for
from services.reporting.domain.query import GROUPS, ReportQuery, of_kecamatan
from services.reporting.domain.rows import Row
from services.reporting.live.hub import Client
from shared.reference import COMPLAINT
from shared.times import local_day
from shared.web.auth import Keyring
from shared.web.permissions import Role
from tests.support.builders import NOON
from tests.support.keys import KEYS, TERRITORY, bearer, key_row, keyring_text
from tests.support.services.dashboard import Scene
from tests.support.services.reporting import FakeReports

ELSEWHERE = "64.02.07"
ROLES = (Role.CAMAT, Role.COORDINATOR)
REPORT, MEMBERS = "/v1/reports/consultations", "/v1/reports/members"
OVERVIEW, STREAM = "/v1/reports/overview", "/v1/reports/stream"
TODAY = local_day(NOON).isoformat()

#: Everything that they may ask.
ASKED = [
    *(f"{REPORT}?group_by={key}" for key in GROUPS),
    f"{REPORT}?group_by=desa&empty=true",
    f"{REPORT}?group_by=kind,day&from={TODAY}",
    f"{REPORT}?group_by=kecamatan&kecamatan={TERRITORY}",
    f"{REPORT}?group_by=month&as_of=2026-11-24T12:00:00%2B08:00",
    f"{REPORT}.csv?group_by=desa&totals=true",
    f"{REPORT}.xlsx?group_by=topic",
    f"{REPORT}.parquet?group_by=day",
    MEMBERS,
    f"{MEMBERS}?of=backlog&details=true",
    f"{MEMBERS}?of=first_answer_office&limit=2",
    f"{MEMBERS}.csv?of=vulnerable",
    f"{MEMBERS}.xlsx",
    OVERVIEW,
    f"{OVERVIEW}?kecamatan={TERRITORY}&from=2026-01-01",
    f"{OVERVIEW}?kind=konsultasi",
]


class Reports(FakeReports):
    """Its edition, and the number of events, count all there is, as those of the real one do."""

    async def answer(self, scope: Any) -> Any:
        found = await super().answer(scope)
        return type(found)(found.cube, found.source, len(self.rows), found.first, found.last)


class Here(Scene):
    def __init__(self) -> None:
        super().__init__(400)
        rows, self.reports.__class__ = self.reports.rows, Reports
        assert any(row.kind == COMPLAINT and row.kecamatan == TERRITORY for row in rows)

    def take_in(self, **fields: Any) -> Row:
        """One more of today; the version index tells of it."""
        like = next(row for row in self.reports.rows if row.kecamatan == TERRITORY)
        row = like._replace(id=str(uuid4()), day=TODAY, **fields)
        self.reports.rows.append(row)
        self.reports.edition += 1
        self.version_index.write(f"{TODAY}/{row.kecamatan}")
        return row


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture
async def http(here: Here) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(here.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://reporting") as found:
        yield found
    await here.hub.stop()


async def everything(http: httpx.AsyncClient, role: Role) -> dict[str, Any]:
    """What is asked → all that is answered, the headers too."""
    found: dict[str, Any] = {}
    for path in ASKED:
        reply = await http.get(path, headers=bearer(KEYS[role]))
        assert reply.status_code == 200, (path, reply.text)
        packed = path.partition("?")[0].endswith(".xlsx")
        # a workbook is packed with the time at which that was, and so of a length of its own
        left_out = {"content-length"} if packed else set()
        found[path] = {name: of for name, of in reply.headers.items() if name not in left_out}
        found[f"body of {path}"] = cells(reply.content) if packed else reply.content
    return found


def cells(workbook: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(workbook))["laporan"].values)


@pytest.mark.parametrize("role", ROLES)
async def test_nothing_is_another_when_a_complaint_comes_in(
    here: Here, http: httpx.AsyncClient, role: Role
) -> None:
    before = await everything(http, role)
    for _ in range(3):
        here.take_in(kind=COMPLAINT, desa=f"{TERRITORY}.2001", vulnerable=True)
    assert await everything(http, role) == before


@pytest.mark.parametrize("role", ROLES)
async def test_nothing_is_another_when_another_kecamatan_is_busy(
    here: Here, http: httpx.AsyncClient, role: Role
) -> None:
    before = await everything(http, role)
    # given to this satgas: theirs to answer, and another kecamatan's in the figures
    here.take_in(kecamatan=ELSEWHERE, desa=f"{ELSEWHERE}.2001", kind="konsultasi", satgas=TERRITORY)
    assert await everything(http, role) == before


@pytest.mark.parametrize("role", ROLES)
async def test_every_answer_is_another_when_their_own_has_one_more(
    here: Here, http: httpx.AsyncClient, role: Role
) -> None:
    """Or the two tests before would see nothing."""
    before = await everything(http, role)
    here.take_in(kind="konsultasi", vulnerable=True, is_open=True, answered_at=1, answered_ms=1)
    after = await everything(http, role)
    same = {path for path in before if before[path] == after[path] and before[path] is not None}
    assert {path for path in same if path.startswith("body")} <= {
        f"body of {path}" for path in ASKED if "limit=2" in path or "as_of" in path
    }


@pytest.mark.parametrize("role", ROLES)
async def test_figures_are_those_of_their_own_rows(
    here: Here, http: httpx.AsyncClient, role: Role
) -> None:
    mine = {
        row.id for row in here.reports.rows if row.kecamatan == TERRITORY and row.kind != COMPLAINT
    }
    asked = bearer(KEYS[role])
    report = (await http.get(f"{REPORT}?group_by=kecamatan,kind", headers=asked)).json()
    assert {row["kecamatan"] for row in report["rows"]} == {TERRITORY}
    assert COMPLAINT not in {row["kind"] for row in report["rows"]}
    assert report["totals"]["submitted"] == len(mine) > 10
    assert report["events_applied"] is None
    listed = (await http.get(f"{MEMBERS}?details=true", headers=asked)).json()
    assert set(listed["ids"]) == mine == {row["id"] for row in listed["rows"]}
    for row in report["rows"]:
        behind = (await http.get(row["members"], headers=asked)).json()
        assert behind["count"] == row["submitted"]

    seen = (await http.get(f"{OVERVIEW}?from=2025-01-01", headers=asked)).json()
    assert (seen["territory"], seen["lists"]) == (TERRITORY, True)
    assert seen["totals"]["submitted"] == len(mine)
    assert [row["kecamatan"] for row in seen["kecamatan"]] == [TERRITORY]
    assert {row["desa"][:8] for row in seen["desa"]} == {TERRITORY}
    for name in ("submitted", "backlog", "vulnerable"):
        assert sum(row[name] for row in seen["desa"]) == seen["kecamatan"][0][name]
    demand = [row["kecamatan"] for of in seen["demand"].values() for row in of["kecamatan"]]
    assert set(demand) <= {TERRITORY}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", [REPORT, f"{REPORT}.csv", MEMBERS, f"{MEMBERS}.xlsx", OVERVIEW])
@pytest.mark.parametrize(
    "asked",
    [
        f"kecamatan={ELSEWHERE}",
        f"kecamatan={TERRITORY},{ELSEWHERE}",
        f"kind={COMPLAINT}",
        f"kind=konsultasi,{COMPLAINT}",
    ],
)
async def test_what_is_not_theirs_is_refused_when_asked_by_name(
    http: httpx.AsyncClient, path: str, asked: str, role: Role
) -> None:
    reply = await http.get(f"{path}?{asked}", headers={**bearer(KEYS[role])})
    assert (reply.status_code, reply.json()["type"]) == (403, "urn:klikdesa:problem:forbidden")


async def test_open_data_of_all_kecamatan_are_not_a_camats_report(http: httpx.AsyncClient) -> None:
    asked = {"open_data": "true", "group_by": "topic"}
    reply = await http.get(REPORT, params=asked, headers=bearer(KEYS[Role.CAMAT]))
    assert reply.status_code == 403
    assert (await http.get(REPORT, params=asked, headers=bearer(KEYS[Role.DPMD]))).is_success


async def test_desa_of_another_kecamatan_is_empty(http: httpx.AsyncClient) -> None:
    asked = bearer(KEYS[Role.CAMAT])
    for path in (REPORT, MEMBERS):
        found = (await http.get(f"{path}?desa={ELSEWHERE}.2001", headers=asked)).json()
        assert found.get("rows") in ([], None)
        assert found.get("ids") in ([], None)


async def test_dpmd_with_the_same_filters_is_not_answered_from_what_a_camat_got(
    http: httpx.AsyncClient,
) -> None:
    kinds = "konsultasi,permintaan_bimtek,permintaan_informasi"
    asked = {"kecamatan": TERRITORY, "kind": kinds}
    for role, kecamatan in ((Role.CAMAT, 1), (Role.DPMD, 20), (Role.CAMAT, 1)):
        found = (await http.get(OVERVIEW, params=asked, headers=bearer(KEYS[role]))).json()
        assert len(found["kecamatan"]) == kecamatan


async def test_reply_is_asked_for_once_while_nothing_of_theirs_changes(
    here: Here, http: httpx.AsyncClient
) -> None:
    for path in (OVERVIEW, REPORT, f"{REPORT}.csv"):
        first = await http.get(path, headers=bearer(KEYS[Role.CAMAT]))
        here.take_in(kind=COMPLAINT)
        known = {"If-None-Match": first.headers["etag"]}
        again = await http.get(path, headers={**bearer(KEYS[Role.CAMAT]), **known})
        assert again.status_code == 304
        here.take_in(kind="konsultasi")
        again = await http.get(path, headers={**bearer(KEYS[Role.CAMAT]), **known})
        assert again.status_code == 200


def test_every_figure_of_theirs_is_read_from_a_cube() -> None:
    """Of days alone it would take seconds: no cube, and each day of all years is read."""
    whole = in_full(of_kecamatan(ReportQuery(()), TERRITORY), local_day(NOON))
    for name, part in parts(whole, local_day(NOON), open_data=False, territory=TERRITORY).items():
        grain = coarsest_for(frozenset(part.query.group_by))
        assert serving(part.query.needs, grain) is not None, name


# the stream


async def told(client: Client) -> list[str]:
    found = []
    while chunk := await client.next(0):
        found.append(chunk.decode().split("event: ")[1].partition("\n")[0])
    return found


async def test_stream_is_silent_when_only_complaints_and_others_change(here: Here) -> None:
    client = await here.hub.join_of(TERRITORY, None)
    assert await told(client) == ["ready"]
    here.take_in(kind=COMPLAINT)
    here.take_in(kecamatan=ELSEWHERE, desa=f"{ELSEWHERE}.2001", kind="konsultasi")
    await here.hub.look()
    assert await told(client) == []
    here.take_in(kind="konsultasi")
    await here.hub.look()
    assert await told(client) == ["reset"]
    await here.hub.look()
    assert await told(client) == []
    await here.hub.stop()


async def test_stream_tells_who_comes_back_only_what_is_theirs(here: Here) -> None:
    position = await here.hub.position_of(TERRITORY)
    here.take_in(kind=COMPLAINT)
    assert await told(await here.hub.join_of(TERRITORY, position)) == ["ready"]
    here.take_in(kind="konsultasi")
    assert await told(await here.hub.join_of(TERRITORY, position)) == ["reset"]
    assert await told(await here.hub.join_of(TERRITORY, "1-7")) == ["reset"]
    await here.hub.stop()


async def test_each_is_told_when_one_has_seen_more_than_the_other(here: Here) -> None:
    early = await here.hub.join_of(TERRITORY, None)
    here.take_in(kind="konsultasi")
    late = await here.hub.join_of(TERRITORY, None)
    await here.hub.look()
    assert (await told(early), await told(late)) == (["ready", "reset"], ["ready"])
    await here.hub.stop()


async def test_stream_starts_afresh_when_another_generation_is_read(here: Here) -> None:
    """Of the same figures it is no news; another kecamatan's client hears nothing at all."""
    client = await here.hub.join_of(TERRITORY, None)
    here.version_index.generation += 1
    await here.hub.look()
    assert await told(client) == ["ready"]
    here.take_in(kind="konsultasi")
    here.version_index.generation += 1
    await here.hub.look()
    assert await told(client) == ["reset"]
    await here.hub.stop()


@pytest.mark.parametrize("by_token", [False, True])
async def test_stream_over_the_wire_has_no_rows_and_no_count_of_others(
    here: Here, by_token: bool
) -> None:
    asked = bearer(KEYS[Role.CAMAT])
    async with here.served() as url, httpx.AsyncClient(base_url=url, timeout=10) as http:
        params = {}
        if by_token:
            made = (await http.post("/v1/reports/stream-token", headers=asked)).json()
            params, asked = {"token": made["token"]}, {}
        async with http.stream("GET", STREAM, params=params, headers=asked) as reply:
            assert reply.status_code == 200
            lines = reply.aiter_lines()
            ids = []
            async with asyncio.timeout(10):
                async for line in lines:
                    if line.startswith("id: "):
                        ids.append(line[4:])
                    if line == "event: ready":
                        here.take_in(kind=COMPLAINT)
                        here.take_in(kind="konsultasi", submitted_at=int(NOON.timestamp()))
                    assert "rows" not in line
                    if line == "event: reset":
                        break
            assert len(set(ids)) == 2
            assert ids[-1] == await here.hub.position_of(TERRITORY)


async def test_stream_ends_when_the_key_is_for_another_kecamatan() -> None:
    row = key_row("test-camat", KEYS[Role.CAMAT], Role.CAMAT, territory=ELSEWHERE)
    scene = Scene(20, heartbeat=0.05)
    async with (
        scene.served() as url,
        httpx.AsyncClient(base_url=url, timeout=10) as http,
        http.stream("GET", STREAM, headers=bearer(KEYS[Role.CAMAT])) as reply,
    ):
        assert reply.status_code == 200
        scene.keys.now = Keyring.parse(keyring_text(row))
        async with asyncio.timeout(5):
            async for _ in reply.aiter_lines():
                pass


async def test_overview_and_stream_agree_on_how_far_they_are(
    here: Here, http: httpx.AsyncClient
) -> None:
    seen = (await http.get(OVERVIEW, headers=bearer(KEYS[Role.CAMAT]))).json()
    assert await told(await here.hub.join_of(TERRITORY, seen["position"])) == ["ready"]


async def test_ages_of_what_is_open_are_of_their_own(here: Here, http: httpx.AsyncClient) -> None:
    row = here.take_in(kind="konsultasi", is_open=True)
    old = (NOON - timedelta(days=300)).date().isoformat()
    here.reports.rows[-1] = row._replace(day=old)
    seen = (await http.get(OVERVIEW, headers=bearer(KEYS[Role.CAMAT]))).json()
    mine = [
        row
        for row in here.reports.rows
        if row.is_open and row.kecamatan == TERRITORY and row.kind != COMPLAINT
    ]
    assert seen["backlog"]["open"] == len(mine) == sum(row["backlog"] for row in seen["desa"])
