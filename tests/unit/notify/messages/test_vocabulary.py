"""One word for one thing, as an official writes it, in every text that people read."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from klik.preview import made_up, wanted
from services.notify.domain.message import Language
from services.notify.messages import context
from services.notify.messages.renderer import AUDIENCE, Renderer
from services.reporting.dashboard import page
from services.reporting.domain.report import NAMES
from shared.web.problems import KINDS

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
TEXTS = Renderer("https://klik.example/")
LANGUAGES: tuple[Language, ...] = ("id", "en")

#: What is not written, and what is written for it. Whole words, whatever their case.
INSTEAD: Mapping[Language, Mapping[str, str]] = {
    "id": {
        "batang (tua|muda)": "batang gelap, batang terang",
        "porsi": "persentase",
        "saringan|menyaring": "filter",
        "masuk(nya)?": "diterima; to sign in: buka dengan kode akses",
        "kunci": "kode akses",
        "menyambung lagi": "menyambung ulang",
        "perjalanan": "tren",
        "umur|tertua": "lama menunggu, terlama",
        "sebagaimana diketahui": "kondisi data per",
        "disamarkan": "tidak ditampilkan",
        "tenggat|target|batas|paling lambat": "batas waktu",
        "terlewati?|terlambat": "lewat batas waktu",
        "ditutup|menutup|tuntas": "selesai",
        "terbuka": "belum selesai",
        "kasus": "konsultasi, tiket",
        "kiriman": "konsultasi",
        "meja": "Tim Klik Desa DPMD",
        "dinaikkan": "diteruskan",
        "diserahkan": "ditugaskan",
        "konfirmasi": "tanggapan awal",
        "surat ini|tidak membalas(nya)?|dibalas;": "surel ini; balasan lewat tautan",
        "keadaan|langkah ini": "status, tindakan ini",
        "sejak dibaca": "telah diubah pengguna lain",
        "peran ini": "Anda",
        "keliru": "salah, tidak valid",
    },
    "en": {
        "cases?": "consultation",
        "desk": "Klik Desa team of DPMD",
        "targets?|late|overdue|missed": "deadline, past a deadline",
        "escalated": "passed on",
        "sign (in|out)": "open with an access code",
        "submitted|came in": "received",
        "what you sent": "your consultation",
        "this letter|do not reply": "this e-mail; reply through the link",
        "still open": "open",
        "boundary, splitting": "village boundaries and splitting",
        "tax on spending": "taxes on village spending",
    },
}
#: What such a word may be a part of.
BUT = re.compile(r"batas waktu|data terbuka|batas (desa|& penataan)|\{\w+\}", re.IGNORECASE)


def texts(language: Language) -> Iterator[tuple[str, str]]:
    """Every text, and where it is from."""
    for name, text in page.texts(language).items():
        yield f"dashboard: {name}", text
    for event, recipient in wanted(None, None):
        facts = made_up(event, recipient)
        for known in (facts, replace(facts, kind="pengaduan", clock=None, count=2)):
            message = TEXTS.render(known, language)
            yield f"{event} to {recipient}", f"{message.subject}\n{message.text}"
            yield f"{event} to {recipient}, short", message.short
        yield f"{event} to {recipient}, WhatsApp", TEXTS.approved(facts, language)
    for event in AUDIENCE:
        state = context.state_name(event, language)
        yield f"state {event}", "" if state == event else state
    for clock in ("acknowledge", "answer", "resolve"):
        yield f"step {clock}", context.step_name(clock, language)
    for level in ("officer", "coordinator", "camat", "dpmd"):
        yield f"level {level}", context.level_name(level, language)
    for kind, (_, *titles) in KINDS.items():
        yield f"problem {kind}", titles[language == "en"]
    yield "the satgas of DPMD in reports", NAMES["satgas"]("dpmd") or ""
    columns = {"id": ("name_id", "scope", "satgas_name", "title"), "en": ("name_en",)}[language]
    for path in sorted(REFERENCE.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column in columns:
                    yield f"{path.name}: {column}", row.get(column) or ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_use_the_words_of_an_official_when_people_read_them(language: Language) -> None:
    assert [
        f"{where}: {found[0]} (write: {better})"
        for (where, text), (word, better) in product(texts(language), INSTEAD[language].items())
        for found in [re.search(rf"(?<!\w)({word})(?!\w)", BUT.sub("", text), re.IGNORECASE)]
        if found
    ] == []


@pytest.mark.parametrize("name", ["login", "submitted", "backlog", "closed", "overdue", "answered"])
def test_a_label_says_one_thing_when_another_is_there_too(name: str) -> None:
    for language in LANGUAGES:
        # what a stage is called in a list is what its figure counts
        said = {
            one: text for one, text in page.texts(language).items() if not one.startswith("stage_")
        }
        assert [other for other in said if said[other] == said[name]] == [name]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("PEM-PILKADES", "Village head election"),
        ("PEM-BATAS", "Village boundaries and splitting"),
        ("KEU-PAJAK", "Taxes on village spending"),
    ],
)
def test_a_topic_has_a_name_of_its_own_when_it_is_read_in_english(code: str, name: str) -> None:
    assert context.topic_name(code, "en") == name
