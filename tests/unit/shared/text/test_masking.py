"""Look-alikes of personal numbers are covered in a title; what is nobody's stays."""

import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.tickets import new_ticket
from shared import reference
from shared.text.masking import MASK, masked

PROVINCES = ["11", "18", "21", "31", "36", "51", "53", "61", "64", "65", "71", "76", "82", "91"]
DIGITS = st.sampled_from(string.digits)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=count, max_size=count)


@st.composite
def person_numbers(draw: st.DrawFn) -> str:
    """A NIK, or a KK, which has the day of its issue."""
    day = draw(st.integers(1, 31)) + draw(st.sampled_from([0, 40]))
    month, year = draw(st.integers(1, 12)), draw(st.integers(0, 99))
    place = draw(st.sampled_from(PROVINCES)) + draw(digits(4))
    number = f"{place}{day:02}{month:02}{year:02}{draw(st.integers(1, 9999)):04}"
    between = draw(st.sampled_from(["", " ", "-", "."]))
    cuts = draw(st.sampled_from([(4, 8, 12), (6, 12), (2, 4, 6, 12)]))
    edges = [0, *cuts, 16]
    return between.join(number[a:b] for a, b in pairwise(edges))


@st.composite
def telephones(draw: st.DrawFn) -> str:
    own = f"8{draw(st.integers(11, 99))}"
    groups = [own, draw(digits(4)), draw(digits(draw(st.integers(3, 4))))]
    between = draw(st.sampled_from(["", " ", "-", "."]))
    prefix = draw(st.sampled_from(["0", "+62", "62"]))
    if prefix == "0":
        return prefix + between.join(groups)
    return prefix + draw(st.sampled_from(["", " ", "-"])) + between.join(groups)


@st.composite
def accounts(draw: st.DrawFn) -> str:
    """Of the banks' usual lengths; those that end in many zeros are taken for money."""
    number = draw(digits(draw(st.sampled_from([10, 13, 15]))))[:-1] + draw(
        st.sampled_from("123456789")
    )
    if number.startswith("64") and len(number) == 10:
        number = "0" + number[1:]  # that is how a desa is written as well
    if len(number) == 15 and draw(st.booleans()):
        return f"{number[:4]}-{number[4:6]}-{number[6:12]}-{number[12:14]}-{number[14]}"
    return number


EMAILS = st.builds(
    "{}@{}.{}".format,
    st.from_regex(r"[a-z][a-z0-9._+]{0,10}[a-z0-9]", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True),
    st.sampled_from(["id", "go.id", "desa.id", "com"]),
)
AROUND = st.sampled_from(
    ["{}", "Surat kepada {}", "{} belum aktif", "NIK: {}, mohon bantu", "Hubungi ({})", "No. {}."]
)


@given(AROUND, st.one_of(person_numbers(), telephones(), accounts(), EMAILS))
def test_look_alike_is_covered_wherever_it_stands(around: str, personal: str) -> None:
    assert masked(around.format(personal)) == around.format(MASK)


@given(st.integers(1, 10**13), st.sampled_from(["Rp {}", "Rp{}", "Rp. {}", "anggaran {}", "{} DD"]))
def test_budget_figure_stays(figure: int, around: str) -> None:
    text = around.format(f"{figure:,}".replace(",", "."))
    assert masked(text) == text
    assert masked(f"Rp {figure}") == f"Rp {figure}"
    assert masked(f"{figure} rupiah") == f"{figure} rupiah"


@given(st.integers(1, 999), st.integers(1990, 2035), st.integers(1, 28), st.integers(1, 12))
def test_rule_year_and_date_stay(number: int, year: int, day: int, month: int) -> None:
    for text in (
        f"Perdes No. {number} Tahun {year}",
        f"Perdes {number:03}/{year}",
        f"SK 188.4/{number}/{year}",
        f"SK {number:03}/PEM/{month}/{year}",
        f"APBDes {year}/{year + 1}",
        f"RPJMDes {year}-{year + 6}",
        f"tanggal {day:02}-{month:02}-{year}",
        f"tanggal {day}/{month}/{year} pukul 08.30",
        f"{year}-{month:02}-{day:02}",
        f"laporan {year}, {year + 1}, {year + 2}",
    ):
        assert masked(text) == text


def test_codes_and_tickets_stay() -> None:
    for code in reference.regions():
        for written in (code, code.replace(".", "")):
            assert masked(f"Desa {written} belum cair") == f"Desa {written} belum cair"
    for _ in range(500):
        ticket = new_ticket()
        assert masked(f"Lanjutan {ticket}.") == f"Lanjutan {ticket}."
        assert masked(ticket.lower()) == ticket.lower()


@pytest.mark.parametrize(
    "text",
    [
        "Rp 1.250.000.000", "Rp1.250.000.000,00", "Rp 1250000000", "1.250.000.000", "1250000000",
        "No. 4 Tahun 2024", "Permendagri 20/2018", "UU 6 Tahun 2014",
        "kode rekening 5.1.02.01.01.0024",
        "kode rekening 4.2.1.01 dan 5.2.2.03.05", "64.02.19.2001", "RT 004 RW 002", "SDGs 18",
        "KD-1234-5678", "KD-0812-5555", "Pasal 72 ayat (1)", "Rp 350 juta", "15 x 3,5 m", "",
        "volume 1.200 m2", "rekening kas desa Rp 1.250.000.000", "rekening desa tahun 2024",
        "Dana Desa 2022 2023 2024", "jam 08.00-15.30", "nomor 140/045/DPMD/2025", "@desa", "a@b",
    ],
)  # fmt: skip
def test_text_stays_when_nothing_in_it_is_a_persons(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("NIK 6402191201850001 ganda", f"NIK {MASK} ganda"),
        ("KK 6402 1912 0185 0001", f"KK {MASK}"),
        ("WA 0812-5555-1234 dan Rp 1.250.000", f"WA {MASK} dan Rp 1.250.000"),
        ("telp (0541) 661234", f"telp {MASK}"),
        ("telp 021-5550123", f"telp {MASK}"),
        ("rek. 1234 5678", f"rek. {MASK}"),
        ("rekening BPD a.n. Siti 001.234.567", f"rekening BPD a.n. Siti {MASK}"),
        ("NIP 198501122010011001", f"NIP {MASK}"),
        ("siti.aminah@desa.id, budi@x.go.id", f"{MASK}, {MASK}"),
        ("٠٨١٢٥٥٥٥١٢٣٤", MASK),
        ("Perdes 4/2024, HP 081255551234", f"Perdes 4/2024, HP {MASK}"),
    ],
)
def test_personal_part_is_covered_and_the_rest_is_read(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(st.text(max_size=200))
def test_any_text_is_masked_once_and_for_all(text: str) -> None:
    assert masked(masked(text)) == masked(text)


def test_long_text_is_masked_soon() -> None:
    for text in ("1 " * 4000, "12-" * 3000, "0812 " * 2000, "a." * 4000 + "@", "Rp1." * 2000):
        masked(text)
