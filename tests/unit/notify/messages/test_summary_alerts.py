"""Who is told a summary, when, and what they read."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest

from klik.preview import made_up
from services.notify.domain.audience import readers
from services.notify.domain.delivery_decision import summary_held_until
from services.notify.domain.message import Language
from services.notify.domain.recipients import Address, Directory, Recipient, seeds
from services.notify.messages.context import days_taken, period
from services.notify.messages.renderer import Renderer
from services.notify.webhooks.handlers import with_event_log
from shared.events import Lagging, ReportSummarised, Summary
from tests.support.services.notify import Notify, at, office_hours

CAMAT = "camat-64.02.06"
TEXTS = Renderer("https://klik.example/")
HOLIDAYS = office_hours(closed=[date(2026, 11, 24)])


def a_summary(**changes: Any) -> Summary:
    made = made_up("report.weekly", "camat").summary
    assert made is not None
    return made.model_copy(update=changes)


def summarised(summary: Summary | None = None) -> ReportSummarised:
    morning = at("2026-11-23", "07:30")
    return ReportSummarised(
        id=uuid4(), sequence=1, time=morning, summary=summary or a_summary(), due=morning
    )


def with_camat(notify: Notify, **changes: Any) -> Notify:
    notify.recipients.change(
        CAMAT, channels=(Address("email", "camat@klikdesa.example"),), **changes
    )
    return notify


# Who


def test_a_week_is_for_the_camat_and_a_month_for_the_dpmd_desk() -> None:
    directory = Directory([*seeds(), Recipient("kepala-dpmd", "dpmd", "dpmd")])
    week, month = a_summary(), a_summary(every="month", area="64.02")
    assert [(one.recipient, one.kind, one.rule) for one in readers(week, directory)] == [
        (CAMAT, "camat", "camat_of_the_satgas")
    ]
    told = readers(month, directory)
    assert {(one.kind, one.rule) for one in told} == {("dpmd", "dpmd_desk")}
    assert [one.recipient for one in told] == [
        "kepala-dpmd",
        *directory.in_role("coordinator", "dpmd"),
    ]


def test_front_ends_that_have_events_posted_get_none() -> None:
    handlers = Notify().handlers.subscriptions()
    assert with_event_log(Mock(), handlers)[ReportSummarised] == handlers[ReportSummarised]


# When


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at("2026-11-23", "07:30"), at("2026-11-23", "07:45")),
        (at("2026-11-23", "07:45"), None),
        (at("2026-11-23", "16:59"), None),
        (at("2026-11-23", "17:00"), at("2026-11-25", "07:45")),  # the 24th is closed
        (at("2026-11-28", "10:00"), at("2026-11-30", "07:45")),
    ],
)
def test_a_summary_waits_for_the_hour_of_the_digests(now: datetime, until: datetime | None) -> None:
    assert summary_held_until(now, HOLIDAYS) == until


async def test_the_camat_gets_it_once_at_the_hour_of_the_digests() -> None:
    notify = with_camat(Notify())
    notify.clock.now = at("2026-11-23", "07:30")
    event = summarised()
    await notify.hear(event, event)
    await notify.look()
    alert = notify.alert(CAMAT)
    assert (alert.state, alert.next_at) == ("waiting", at("2026-11-23", "07:45"))
    await notify.look(after=timedelta(minutes=15))
    alert = notify.alert(CAMAT)
    assert (alert.state, alert.event, alert.rule) == (
        "sent",
        "report.weekly",
        "camat_of_the_satgas",
    )
    assert (alert.cause, alert.satgas, alert.summary) == (event.id, "64.02.06", event.summary)
    (order,) = notify.mail.taken
    assert order.message.subject.endswith("Kecamatan Tenggarong, 16–22 November 2026")
    assert notify.told(CAMAT) == [], "alert.sent is of a consultation"


async def test_who_wants_no_quiet_hours_gets_it_at_once() -> None:
    notify = with_camat(Notify(), quiet_hours=False)
    notify.clock.now = at("2026-11-28", "22:00")
    await notify.hear(summarised())
    await notify.look()
    assert notify.alert(CAMAT).state == "sent"


async def test_a_camat_without_an_address_is_an_alert_that_says_so() -> None:
    notify = Notify()
    notify.clock.now = at("2026-11-23", "08:00")
    await notify.hear(summarised())
    await notify.look()
    assert (notify.alert(CAMAT).state, notify.alert(CAMAT).reason) == ("failed", "no_address")


# What


def test_a_camat_reads_the_week_in_indonesian() -> None:
    message = TEXTS.render(made_up("report.weekly", "camat"), "id")
    assert message.subject == (
        "[Klik Desa] Ringkasan mingguan Kecamatan Tenggarong, 16–22 November 2026"
    )
    link = (
        "https://klik.example/?period=custom&from=2026-11-16&to=2026-11-22"
        "&kecamatan=64.02.06&lang=id"
    )
    assert (
        message.text
        == f"""\
Yth. Bapak/Ibu Camat,

Konsultasi yang diterima dari Kecamatan Tenggarong pada 16–22 November 2026:

- Diterima: 12
- Dijawab: 9
- Selesai: 5
- Belum selesai: 7
- Lewat batas waktu: 2

Waktu sampai jawaban pertama: separuhnya dalam 0,8 hari kerja, sembilan dari sepuluh dalam \
3,1 hari kerja (batas waktu: 5 hari kerja).

Seluruh konsultasi yang belum selesai, kapan pun diterima: 11, 3 di antaranya menunggu \
31 hari atau lebih.

Pengaduan tidak termasuk dalam angka ini.

Selengkapnya di dasbor, dengan kode akses; tanpa kode akses, yang tampil adalah edisi data terbuka:
{link}

Isi dan nama pengirim tidak kami tulis dalam surel ini demi melindungi data pribadi.

Klik Desa Idaman
Surel ini dikirim otomatis; balasan lewat tautan di atas.
"""
    )
    assert message.html is not None
    assert f'href="{link.replace("&", "&amp;")}"' in message.html
    assert message.short == (
        "Klik Desa: ringkasan mingguan Kecamatan Tenggarong, 16–22 November 2026. Diterima 12, "
        "dijawab 9, selesai 5, belum selesai 7, lewat batas waktu 2. Jawaban pertama: separuhnya "
        "dalam 0,8 hari kerja, sembilan dari sepuluh dalam 3,1 hari kerja (batas waktu: 5 hari "
        "kerja). Belum selesai, kapan pun diterima: 11, 3 di antaranya menunggu 31 hari atau "
        f"lebih. {link}"
    )
    assert message.template == "report_weekly_supervisor"
    assert message.parameters[2:10] == (
        *("12", "9", "5", "7", "2"),
        *("0,8 hari kerja", "3,1 hari kerja", "5 hari kerja"),
    )


def test_the_desk_reads_which_kecamatan_lag_in_english() -> None:
    message = TEXTS.render(made_up("report.monthly", "dpmd"), "en")
    assert message.subject == (
        "[Klik Desa] Monthly summary of Kabupaten Kutai Kartanegara, October 2026"
    )
    assert (
        "\nKecamatan with the highest percentage past a deadline (past a deadline/received):\n"
        "- Muara Muntai 3/4\n- Tenggarong 1/8\n\n"
        "More on the dashboard, with an access code; without one it shows the open edition:\n"
        "https://klik.example/?period=custom&from=2026-10-01&to=2026-10-31&lang=en\n"
    ) in message.text
    assert "(past a deadline/received): Muara Muntai 3/4, Tenggarong 1/8. " in message.short
    assert message.template == "report_monthly_supervisor"
    assert message.parameters[-2] == "Muara Muntai 3/4, Tenggarong 1/8"


@pytest.mark.parametrize(
    ("language", "nothing"),
    [("id", "Tidak ada konsultasi yang diterima."), ("en", "No consultation was received.")],
)
def test_a_week_without_any_is_a_short_text(language: Language, nothing: str) -> None:
    zeros = dict.fromkeys(("submitted", "answered", "closed", "backlog", "overdue"), 0)
    summary = a_summary(**zeros, answer_p50_s=None, answer_p90_s=None)
    message = TEXTS.render(replace(made_up("report.weekly", "camat"), summary=summary), language)
    assert nothing in message.text
    assert nothing in message.short
    assert "Diterima" not in message.short
    assert ": 11, " in message.short, "what is open from before is still said"


def test_the_dashboard_may_be_elsewhere() -> None:
    texts = Renderer("https://klik.example", "https://dasbor.example/")
    message = texts.render(made_up("report.weekly", "camat"), "id")
    assert "\nhttps://dasbor.example/?period=custom&" in message.text
    case = texts.render(made_up("case.assigned", "officer"), "id")
    assert "\nhttps://klik.example/konsultasi/" in case.text


def test_what_is_not_known_is_left_out() -> None:
    summary = a_summary(answer_days=None, answer_p50_s=None, answer_p90_s=None)
    text = TEXTS.render(replace(made_up("report.weekly", "camat"), summary=summary), "id").text
    assert "\nBelum ada yang dijawab.\n" in text
    assert "batas:" not in text


def test_a_kecamatan_that_no_table_has_is_shown_by_its_code() -> None:
    lagging = (Lagging(kecamatan="99.99.99", submitted=1, overdue=1),)
    summary = a_summary(every="month", area="99.99", lagging=lagging)
    message = TEXTS.render(replace(made_up("report.monthly", "dpmd"), summary=summary), "id")
    assert "99.99, 16–22 November 2026" in message.subject
    assert "\n- 99.99.99 1/1\n" in message.text


@pytest.mark.parametrize(
    ("first", "last", "indonesian", "english"),
    [
        ("2026-11-16", "2026-11-22", "16–22 November 2026", "16–22 November 2026"),
        ("2026-03-30", "2026-04-05", "30 Maret–5 April 2026", "30 March–5 April 2026"),
        (
            *("2026-12-28", "2027-01-03"),
            *("28 Desember 2026–3 Januari 2027", "28 December 2026–3 January 2027"),
        ),
        ("2027-02-01", "2027-02-28", "Februari 2027", "February 2027"),
        ("2026-12-01", "2026-12-31", "Desember 2026", "December 2026"),
        ("2027-02-01", "2027-02-07", "1–7 Februari 2027", "1–7 February 2027"),
    ],
)
def test_days_as_they_are_written(first: str, last: str, indonesian: str, english: str) -> None:
    days = date.fromisoformat(first), date.fromisoformat(last)
    assert period(*days, "id") == indonesian
    assert period(*days, "en") == english


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0,0 hari kerja"), (60, "< 0,1 hari kerja"), (27_000, "1,0 hari kerja")],
)
def test_office_time_is_written_as_on_the_dashboard(seconds: float, written: str) -> None:
    assert days_taken(seconds, "id") == written
