"""Reports as files: what spreadsheets and Arrow read in them, and what they are called."""

import csv
import io
import re
from collections.abc import AsyncGenerator
from datetime import date, datetime
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from services.reporting import api
from services.reporting.domain.figures import FIGURES
from services.reporting.query.exports import BOM
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import Role
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.keys import KEYS, keyring_text
from tests.support.services.reporting import FakeReports

REPORT = "/v1/reports/consultations"
SUFFIXES = ("csv", "xlsx", "parquet")


class NoIntake:
    async def accepted(self, first: date, last: date) -> dict[tuple[str, str], int]:
        return {}


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient, None]:
    app: FastAPI = create_http("reporting", "", Keyring.parse(keyring_text()), lambda: True, None)
    app.include_router(api.routes(FakeReports(), NoIntake(), Clock(NOON)))
    headers = {"Authorization": f"Bearer {KEYS[Role.DPMD]}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://reporting", headers=headers
    ) as client:
        yield client


async def file(client: httpx.AsyncClient, suffix: str, **params: str) -> bytes:
    reply = await client.get(f"{REPORT}.{suffix}", params=params)
    assert reply.status_code == 200, reply.text
    return reply.content


def lines_of(suffix: str, data: bytes, **dialect: Any) -> list[dict[str, Any]]:
    """Column → value, as a reader of that format has it; what is empty is None."""
    if suffix == "parquet":
        return list(pa.parquet.read_table(io.BytesIO(data)).to_pylist())
    if suffix == "csv":
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), **dialect)
        return [{name: value or None for name, value in row.items()} for row in rows]
    head, *rest = load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rest]


# The total


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("key", ["sdgs_goal", "officer", "kecamatan", "month"])
async def test_a_file_tells_the_total_from_a_group_when_keys_are_not_known(
    client: httpx.AsyncClient, suffix: str, key: str
) -> None:
    report = (await client.get(REPORT, params={"group_by": key})).json()
    lines = lines_of(suffix, await file(client, suffix, group_by=key, totals="true"))
    assert [line.get("row") for line in lines] == ["group"] * len(report["rows"]) + ["total"]
    assert (lines[-1][key], int(lines[-1]["submitted"])) == (None, 80)
    unknown = [line for line in lines if line[key] is None and line["row"] == "group"]
    assert len(unknown) == sum(row[key] is None for row in report["rows"])


async def test_a_report_tells_the_total_in_the_same_word_when_it_is_json(
    client: httpx.AsyncClient,
) -> None:
    report = (await client.get(REPORT, params={"group_by": "sdgs_goal"})).json()
    assert {row.get("row") for row in report["rows"]} == {"group"}
    assert report["totals"].get("row") == "total"


# CSV


def number(text: str | None, decimal: str) -> float | None:
    if text is None:
        return None
    assert re.fullmatch(rf"[0-9]+([{decimal}][0-9]+)?", text), text
    return float(text.replace(decimal, "."))


async def test_csv_opens_under_indonesian_settings_when_excel_is_id(
    client: httpx.AsyncClient,
) -> None:
    data = await file(client, "csv", group_by="month,desa", excel="id", totals="true")
    assert data.startswith(BOM)
    await assert_same(client, data, "month,desa", delimiter=";", decimal=",")


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "excel": st.sampled_from(("id", "en")),
            "delimiter": st.sampled_from((",", ";", "|", "tab")),
            "decimal": st.sampled_from((".", ",")),
            "bom": st.sampled_from(("true", "false")),
        },
    )
)
async def test_csv_holds_the_same_numbers_when_it_is_asked_for_in_any_dialect(
    client: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    excel = asked.get("excel")
    decimal = asked.get("decimal", "," if excel == "id" else ".")
    delimiter = asked.get("delimiter", ";" if "," in (decimal, excel) or excel == "id" else ",")
    reply = await client.get(f"{REPORT}.csv", params={"group_by": "officer,kind", **asked})
    if delimiter == decimal:
        assert reply.status_code == 422
        assert [one["pointer"] for one in reply.json()["errors"]] == ["query:delimiter"]
        return
    assert reply.content.startswith(BOM) == (asked.get("bom", str(bool(excel)).lower()) == "true")
    delimiter = "\t" if delimiter == "tab" else delimiter
    await assert_same(client, reply.content, "officer,kind", delimiter=delimiter, decimal=decimal)


async def assert_same(
    client: httpx.AsyncClient, data: bytes, group_by: str, *, delimiter: str, decimal: str
) -> None:
    plain = lines_of("parquet", await file(client, "parquet", group_by=group_by))
    lines = lines_of("csv", data, delimiter=delimiter)
    groups = [line for line in lines if line.get("row") != "total"]
    assert [[number(line[name], decimal) for name in FIGURES] for line in groups] == [
        [line[name] for name in FIGURES] for line in plain
    ]


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"delimiter": ",", "decimal": ","}, "query:delimiter"),
        ({"excel": "id", "delimiter": ","}, "query:delimiter"),
        ({"delimiter": "::"}, "query:delimiter"),
        ({"decimal": "'"}, "query:decimal"),
        ({"excel": "fr"}, "query:excel"),
    ],
)
async def test_csv_is_refused_when_its_dialect_cannot_be_read(
    client: httpx.AsyncClient, params: dict[str, str], pointer: str
) -> None:
    reply = await client.get(f"{REPORT}.csv", params=params)
    assert reply.status_code == 422
    assert [one["pointer"] for one in reply.json()["errors"]] == [pointer]


# Types


KEYS_OF_TIME = ("day", "week", "month", "quarter", "year")


async def test_parquet_has_dates_and_numbers_when_grouped_by_time(
    client: httpx.AsyncClient,
) -> None:
    params = {"group_by": ",".join((*KEYS_OF_TIME, "sdgs_goal", "desa"))}
    data = await file(client, "parquet", **params, totals="true")
    table = pa.parquet.read_table(io.BytesIO(data))
    types = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert {name: types[name] for name in (*KEYS_OF_TIME, "sdgs_goal", "desa", "submitted")} == {
        "day": "date32[day]",
        "week": "date32[day]",
        "month": "date32[day]",
        "quarter": "date32[day]",
        "year": "int32",
        "sdgs_goal": "int64",
        "desa": "string",
        "submitted": "int64",
    }
    rows = (await client.get(REPORT, params=params)).json()["rows"]
    for line, row in zip(table.to_pylist()[:-1], rows, strict=True):
        day = date.fromisoformat(row["day"])
        assert line["day"] == day
        assert line["week"] == date.fromisocalendar(*day.isocalendar()[:2], 1)
        assert line["month"] == day.replace(day=1)
        assert line["quarter"] == day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        assert line["year"] == day.year


async def test_a_workbook_has_dates_and_numbers_when_grouped_by_time(
    client: httpx.AsyncClient,
) -> None:
    params = {"group_by": ",".join((*KEYS_OF_TIME, "sdgs_goal", "desa"))}
    rows = (await client.get(REPORT, params=params)).json()["rows"]
    book = load_workbook(io.BytesIO(await file(client, "xlsx", **params)))
    head, *cells = book.worksheets[0].iter_rows()
    names = [cell.value for cell in head]
    for row, line in zip(rows, cells, strict=True):
        of = dict(zip(names, line, strict=True))
        assert of["day"].value == datetime.fromisoformat(row["day"])
        assert (of["day"].is_date, of["day"].number_format) == (True, "yyyy-mm-dd")
        assert of["month"].value == datetime.fromisoformat(f"{row['month']}-01")
        assert of["month"].number_format == "yyyy-mm"
        assert (of["year"].value, of["year"].number_format) == (int(row["year"]), "0")
        assert (of["week"].value, of["quarter"].value) == (row["week"], row["quarter"])
        assert (of["desa"].value, of["desa"].data_type) == (row["desa"], "s")
        assert of["submitted"].number_format == "#,##0"
        if row["sla_met_ratio"] is not None:
            assert of["sla_met_ratio"].number_format == "0.0%"
        if row["first_answer"]["mean_s"] is not None:
            assert of["first_answer_mean_s"].number_format == "#,##0.00"


async def test_a_workbook_is_ready_to_use_when_it_is_opened(client: httpx.AsyncClient) -> None:
    data = await file(client, "xlsx", group_by="desa", totals="true")
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    # the names beside the codes stay in sight, and so does the header
    assert sheet.freeze_panes == "D2"
    last = get_column_letter(sheet.max_column)
    assert sheet.auto_filter.ref == f"A1:{last}{sheet.max_row - 1}", "the total is not filtered"
    for place, column in enumerate(sheet.iter_cols(values_only=True), start=1):
        longest = max(len(str(value)) for value in column if value is not None)
        assert sheet.column_dimensions[get_column_letter(place)].width > min(longest, 39)
    assert {cell.font.bold for cell in (*sheet[1], *sheet[sheet.max_row])} == {True}
    assert not sheet["B2"].font.bold


# Names


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({}, "konsultasi-per-kecamatan"),
        (
            {"group_by": "topic,month", "from": "2026-01-01", "to": "2026-03-31"},
            "konsultasi-per-topic-month_2026-01-01_2026-03-31",
        ),
        ({"from": "2026-10-01"}, "konsultasi-per-kecamatan_sejak-2026-10-01"),
        ({"to": "2026-10-31"}, "konsultasi-per-kecamatan_sampai-2026-10-31"),
        (
            {"kecamatan": "64.02.06,64.02.07", "vulnerable": "true"},
            "konsultasi-per-kecamatan_kecamatan-64.02.06+64.02.07_vulnerable-true",
        ),
        (
            {
                "as_of": "2026-11-01T00:00:00+08:00",
                "officer": "none",
                "topic": ",".join(f"KEU-{n}" for n in range(9)),
            },
            "konsultasi-per-kecamatan_topic_officer-none_kondisi-2026-11-01",
        ),
    ],
)
async def test_a_file_is_called_what_is_in_it_when_it_is_downloaded(
    client: httpx.AsyncClient, suffix: str, params: dict[str, str], name: str
) -> None:
    reply = await client.get(f"{REPORT}.{suffix}", params=params)
    expected = f'attachment; filename="{name}.{suffix}"'
    assert reply.headers.get("Content-Disposition") == expected
    kind = reply.headers["Content-Type"].partition(";")[0]
    accepted = await client.get(REPORT, params=params, headers={"Accept": kind})
    assert accepted.headers.get("Content-Disposition") == expected
