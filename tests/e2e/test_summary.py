"""A camat's Monday morning, on real processes, two of reporting: one e-mail, with its numbers."""

import asyncio
import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from klik.nodes import NodeUnavailable
from services.notify.messages.context import days_taken
from shared.times import WITA, utc_now
from tests.peers.smtp import SmtpPeer
from tests.support.backends import unavailable
from tests.support.builders import a_post
from tests.support.services.dashboard import chromium
from tests.support.system import System, running_system, until

pytestmark = pytest.mark.integration

THURSDAY = datetime(2026, 11, 19, 10, 0, tzinfo=WITA)
#: The offices are open, and notify waits for a quarter to eight.
MONDAY = datetime(2026, 11, 23, 7, 44, 40, tzinfo=WITA)
TENGGARONG = "64.02.06"
ELSEWHERE = "64.02.19.2001"
CAMAT = "camat@tenggarong.example"
#: Milliseconds that the page may take: the machine may be busy.
PATIENCE = 90_000


async def test_a_camat_reads_on_monday_what_the_report_says(tmp_path: Path) -> None:
    try:
        async with SmtpPeer() as smtp:
            await _read_on_monday(tmp_path, smtp)
    except NodeUnavailable as missing:
        unavailable(str(missing))


async def _read_on_monday(folder: Path, smtp: SmtpPeer) -> None:
    env = {
        "KLIK_SMTP_HOST": "127.0.0.1",
        "KLIK_SMTP_PORT": str(smtp.port),
        "KLIK_CLOCK_SHIFT": _shift_to(THURSDAY),
    }
    async with running_system(folder, env, reporting=2) as system:
        await _put_camat(system)
        await _work_through_thursday(system)
        assert _letters(smtp) == []

        # notify first: as long as it is Thursday there, it would hold nothing back
        await _begin(system, MONDAY, "notify", "reporting")

        async def came() -> bool:
            return bool(_letters(smtp))

        await until(came, 90, "the camat's e-mail")
        letter = _letters(smtp)[0]
        report = await _report_behind(system, letter)
        _assert_same_numbers(_text(letter), report)
        await _open_in_a_browser(system, _link(letter))

        told = await system.get("reporting", "/v1/reports/summaries", every="week")
        assert len(told["summaries"]) == 20
        (mine,) = [one for one in told["summaries"] if one["summary"]["area"] == TENGGARONG]

        async def recorded() -> bool:
            found = await system.get("notify", "/v1/alerts", recipient=f"camat-{TENGGARONG}")
            (alert,) = found["alerts"]
            assert alert["cause"] == mine["event"]
            return bool(alert["state"] == "sent")

        await until(recorded, 30, "the alert says that it was sent")
        assert len(_letters(smtp)) == 1


def _shift_to(moment: datetime) -> str:
    return str((moment - utc_now()).total_seconds())


async def _begin(system: System, moment: datetime, *services: str) -> None:
    """Restart some services at another time of the wall clock."""
    for process in (one for name in services for one in system.services[name]):
        process.stop()
        process.env["KLIK_CLOCK_SHIFT"] = _shift_to(moment)
        process.env["KLIK_DASHBOARD_URL"] = system.url("reporting")
        process.start()
        await asyncio.to_thread(process.wait_ready)


async def _put_camat(system: System) -> None:
    reply = await system.http.put(
        f"{system.url('notify')}/v1/recipients/camat-{TENGGARONG}",
        json={
            "role": "camat",
            "satgas": TENGGARONG,
            "channels": [{"channel": "email", "address": CAMAT}],
        },
        headers=system.bearer("admin"),
    )
    assert reply.status_code == 200, reply.text


async def _work_through_thursday(system: System) -> None:
    """Four consultations of Tenggarong, one answered, one closed; and one from elsewhere."""
    receipts = [(await system.post(a_post())).json() for _ in range(4)]
    await system.post(a_post(desa_code=ELSEWHERE))
    await system.wait_for_totals(5, 60)
    for receipt in receipts[:2]:
        await _move(system, receipt, "messages", {"kind": "answer", "body": "Cukup Perkades."})
    await _move(system, receipts[0], "close")

    async def counted() -> bool:
        report = await _report(system)
        return bool(report["answered"] == 2 and report["closed"] == 1)

    await until(counted, 30, "two answers and a closing are counted")


async def _move(system: System, receipt: dict[str, Any], move: str, body: Any = None) -> None:
    url = f"{system.url('intake')}/v1/consultations/{receipt['id']}/{move}"
    reply = await system.http.post(url, json=body, headers=system.bearer("officer"))
    assert reply.status_code == 200, reply.text


async def _report(system: System, **asked: str) -> dict[str, Any]:
    asked = {"kecamatan": TENGGARONG, **asked}
    report = await system.get("reporting", "/v1/reports/consultations", **asked)
    (row,) = report["rows"]
    return dict(row)


def _letters(smtp: SmtpPeer) -> list[EmailMessage]:
    return [
        message_from_bytes(one.content, policy=policy.default)
        for one in smtp.taken
        if one.rcpt_tos == [CAMAT]
    ]


def _text(letter: EmailMessage) -> str:
    plain = letter.get_body(("plain",))
    assert plain is not None
    return "\n".join(plain.get_content().splitlines())


def _link(letter: EmailMessage) -> str:
    (link,) = re.findall(r"^http\S+$", _text(letter), re.MULTILINE)
    return str(link)


async def _report_behind(system: System, letter: EmailMessage) -> dict[str, Any]:
    """The report for what the link in the letter filters by."""
    assert letter["Subject"] == (
        "[Klik Desa] Ringkasan mingguan Kecamatan Tenggarong, 16–22 November 2026"
    )
    link = _link(letter)
    async with httpx.AsyncClient() as anybody:
        page = await anybody.get(link)
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert asked.pop("period") == "custom"
    assert asked.pop("lang") == "id"
    assert asked == {"kecamatan": TENGGARONG, "from": "2026-11-16", "to": "2026-11-22"}
    return await _report(system, **asked)


def _assert_same_numbers(text: str, report: dict[str, Any]) -> None:
    names = {
        "Diterima": "submitted",
        "Dijawab": "answered",
        "Selesai": "closed",
        "Belum selesai": "backlog",
        "Lewat batas waktu": "overdue",
    }
    said = {names[name]: int(value) for name, value in re.findall(r"- ([^:\n]+): (\d+)", text)}
    assert said == {name: report[name] for name in names.values()}
    assert (said["submitted"], said["answered"], said["closed"]) == (4, 2, 1)
    answer = report["first_answer"]
    assert f"separuhnya dalam {days_taken(answer['office_p50_s'], 'id')}" in text
    assert f"sembilan dari sepuluh dalam {days_taken(answer['office_p90_s'], 'id')}" in text
    assert "(batas waktu: 5 hari kerja)" in text


async def _open_in_a_browser(system: System, link: str) -> None:
    """What the link filters by is what the dashboard shows to who has a key."""
    async with chromium() as browser:
        page = await browser.new_page(locale="id-ID")
        page.set_default_timeout(PATIENCE)
        async with page.expect_response(re.compile("v1/reports/overview")) as answered:
            await page.goto(f"{link}#key={system.keys['analyst']}")
        asked = parse_qs(urlsplit((await answered.value).url).query)
        assert asked == {
            "from": ["2026-11-16"],
            "to": ["2026-11-22"],
            "kecamatan": [TENGGARONG],
        }
        await page.wait_for_selector("body.shown")
