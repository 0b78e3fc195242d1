"""Some texts as they are read, word by word, and the command that shows them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from typer.testing import CliRunner, Result

from klik.__main__ import app
from klik.preview import LINK, made_up, wanted
from services.notify.messages import context
from services.notify.messages.context import written
from services.notify.messages.renderer import AUDIENCE, Renderer, cut, text_name

TEXTS = Renderer("https://klik.example/")


def test_an_officer_reads_the_whole_in_indonesian() -> None:
    message = TEXTS.render(made_up("case.assigned", "officer"), "id")
    assert message.subject == "[Klik Desa] Konsultasi: Dana Desa (Rapak Lambur, Tenggarong)"
    assert (
        message.text
        == """\
Hal: Konsultasi baru: Dana Desa (Rapak Lambur, Tenggarong)

Yth. Bapak/Ibu petugas Satgas Tenggarong,

Satu konsultasi baru ditugaskan kepada Bapak/Ibu.

Jenis: Konsultasi
Topik: Dana Desa
Tempat: Desa Rapak Lambur, Kecamatan Tenggarong
Batas waktu jawaban pertama: Rabu, 25 November 2026 pukul 16.00 WITA

Cara membaca dan menindaklanjutinya:
https://klik.example/konsultasi/019aa000-0000-7000-8000-000000000001

Isi dan nama pengirim tidak kami tulis dalam surel ini demi melindungi data pribadi.

Klik Desa Idaman
Surel ini dikirim otomatis; balasan lewat tautan di atas.
"""
    )
    assert message.short == (
        "Klik Desa: Konsultasi baru ditugaskan kepada Bapak/Ibu: Dana Desa (Rapak Lambur, "
        "Tenggarong). Batas waktu jawaban pertama: Rabu, 25 November 2026 pukul 16.00 WITA. "
        "https://klik.example/konsultasi/019aa000-0000-7000-8000-000000000001"
    )
    assert message.template == "case_assigned"
    assert message.parameters == (
        "Konsultasi",
        "Dana Desa",
        "Desa Rapak Lambur, Kecamatan Tenggarong",
        "Rabu, 25 November 2026 pukul 16.00 WITA",
        "https://klik.example/konsultasi/019aa000-0000-7000-8000-000000000001",
    )


def test_a_requester_reads_how_to_follow_it() -> None:
    message = TEXTS.render(made_up("consultation.submitted", "requester"), "id")
    assert message.subject == "[Klik Desa] Tiket KD-7K3M-9QXA"
    assert (
        message.text
        == f"""\
Hal: Konsultasi KD-7K3M-9QXA telah kami terima

Yth. Bapak/Ibu,

Terima kasih. Konsultasi Bapak/Ibu telah kami terima.

Nomor tiket: KD-7K3M-9QXA
Jenis: Konsultasi
Topik: Dana Desa
Tempat: Desa Rapak Lambur, Kecamatan Tenggarong

Simpan nomor tiket ini bersama PIN yang Bapak/Ibu terima saat mengirim. Dengan keduanya, \
perkembangan dan jawabannya dapat dibaca kapan saja. Petugas kami tidak pernah meminta PIN \
Bapak/Ibu.

Ikuti perkembangannya di sini, tanpa PIN sampai Sabtu, 5 Desember 2026 pukul 16.00 WITA, \
sesudahnya dengan nomor tiket dan PIN; jangan teruskan tautan ini:
https://klik.example/lacak?izin={LINK.text}&tiket=KD-7K3M-9QXA

Terima kasih telah menggunakan Klik Desa Idaman.

Demi melindungi data pribadi, isi konsultasi dan nama tidak kami tulis dalam surel ini.

Klik Desa Idaman
Surel ini dikirim otomatis; balasan lewat tautan di atas.
Bukan Bapak/Ibu yang menulis kepada kami, atau tidak ingin menerima surel lagi? Hentikan di sini:
https://klik.example/berhenti?izin={"X" * 64}&bahasa=id
"""
    )


def test_a_camat_reads_why_it_was_escalated_also_where_somebody_asked() -> None:
    facts = made_up("case.escalated", "camat")
    overdue = TEXTS.render(facts, "id").text
    assert "Yth. Bapak/Ibu Camat,\n" in overdue
    assert "Batas waktu jawaban pertama konsultasi berikut telah lewat" in overdue
    asked = TEXTS.render(replace(facts, clock=None, level="dpmd"), "id").text
    assert "Petugas meminta agar konsultasi berikut diteruskan kepada Tim Klik Desa DPMD." in asked


def test_a_digest_counts_lists_and_stops_somewhere() -> None:
    facts = made_up("digest", "officer")
    late, near, new = facts.items
    message = TEXTS.render(replace(facts, items=(replace(late, count=2), near, new)), "id")
    assert message.subject == "[Klik Desa] 4 konsultasi belum selesai hari ini, Satgas Tenggarong"
    assert "\n- Lewat batas waktu: 2\n- Hampir lewat batas waktu: 1\n" in message.text
    assert "\n3. Baru ditugaskan: BUM Desa (Rapak Lambur, Tenggarong).\n" in message.text
    assert message.short.endswith(" https://klik.example/konsultasi")
    many = TEXTS.render(replace(facts, items=(new,) * 53), "id").text
    assert "\n50. Baru" in many
    assert "\n51. Baru" not in many
    assert "dan 3 lainnya." in many


@pytest.mark.parametrize(
    ("time", "indonesian", "english"),
    [
        (
            datetime(2026, 11, 25, 8, 0, tzinfo=UTC),
            "Rabu, 25 November 2026 pukul 16.00 WITA",
            "Wednesday, 25 November 2026, 16:00 WITA",
        ),
        (
            datetime(2026, 12, 31, 16, 5, 59, tzinfo=UTC),
            "Jumat, 1 Januari 2027 pukul 00.05 WITA",
            "Friday, 1 January 2027, 00:05 WITA",
        ),
        (
            datetime(2028, 2, 29, 7, 30, tzinfo=timezone(timedelta(hours=7))),
            "Selasa, 29 Februari 2028 pukul 08.30 WITA",
            "Tuesday, 29 February 2028, 08:30 WITA",
        ),
    ],
)
def test_times_are_written_as_in_the_desa(time: datetime, indonesian: str, english: str) -> None:
    assert written(time, "id") == indonesian
    assert written(time, "en") == english


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("satu dua", 8, "satu dua"),
        ("satu dua tiga", 9, "satu dua…"),
        ("satu dua tiga", 10, "satu dua…"),
        ("satu, dua", 6, "satu…"),
        ("satuduatiga", 5, "satu…"),
    ],
)
def test_cutting_leaves_whole_words(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


def test_a_state_in_a_digest_is_that_of_an_event_that_is_told() -> None:
    for states in context._STATES.values():
        assert states.keys() <= AUDIENCE.keys()


def templates(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["templates", *arguments], env={"COLUMNS": "200"})


def test_preview_prints_what_a_recipient_would_get() -> None:
    one = templates("preview", "--event", "case.assigned", "--to", "officer")
    assert one.exit_code == 0
    message = TEXTS.render(made_up("case.assigned", "officer"), "id")
    assert one.stdout == f"{message.subject}\n\n{message.text}\n"
    short = templates(*("preview", "--event", "case.held", "--to", "dpmd", "--format", "short"))
    assert short.stdout.startswith("Klik Desa: satu konsultasi menunggu")
    html = templates("preview", "--event", "digest", "--language", "en", "--format", "html")
    assert html.stdout.count('<html lang="en">') == len(AUDIENCE["digest"])
    form = templates("preview", "--event", "webhook_paused", "--format", "whatsapp")
    assert "{{1}} = https://klik.example/webhook\n" in form.stdout


def test_preview_says_what_it_does_not_know() -> None:
    assert templates("preview", "--event", "case.assigned", "--to", "camat").exit_code == 2
    assert templates("preview", "--language", "fr").exit_code == 2


def test_list_names_every_text() -> None:
    listed = templates("list")
    assert listed.exit_code == 0
    for event, recipient in wanted(None, None):
        assert f" {text_name(event, recipient)} " in listed.stdout
