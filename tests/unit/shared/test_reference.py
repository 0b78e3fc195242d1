"""The reference tables: what they hold, which codes they accept, which broken files they refuse."""

import copy
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from shared import reference
from shared.reference import MalformedReference, Region, UnknownRegion, registers, tables
from shared.reference.registers import load_topic_aliases, load_topics

TODAY = date(2026, 11, 24)
REGION_COLUMNS = "code,name,type,parent_code,valid_from,valid_to\n64.02,Kukar,kabupaten,64,,\n"


def desa(code: str, start: date | None = None, end: date | None = None) -> Region:
    return Region(code, "Desa Uji", "desa", code.rpartition(".")[0], start, end)


def know_only(
    monkeypatch: pytest.MonkeyPatch, *rows: Region, aliases: Mapping[str, str] | None = None
) -> None:
    monkeypatch.setattr(registers, "regions", lambda: {row.code: row for row in rows})
    monkeypatch.setattr(registers, "region_aliases", lambda: aliases or {})


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_list_holds_every_region_of_the_edition() -> None:
    counted = Counter(region.type for region in reference.regions().values())
    assert counted == {"kabupaten": 1, "kecamatan": 20, "desa": 193, "kelurahan": 44}


def test_the_other_tables_are_complete() -> None:
    assert len(reference.topics()) == 30
    assert len(reference.roles()) == 23
    assert list(reference.sdgs()) == list(range(1, 19))
    assert set(reference.kinds()) == {
        "konsultasi",
        "permintaan_informasi",
        "permintaan_bimtek",
        "pengaduan",
    }
    assert set(reference.channels()) == {
        "web",
        "whatsapp",
        "telegram",
        "email",
        "phone",
        "walk_in",
        "open311",
    }


def test_topics_carry_no_research_marks() -> None:
    scopes = [topic.scope for topic in reference.topics().values()]
    assert not [scope for scope in scopes if "[" in scope or "http" in scope]


def test_every_region_but_the_kabupaten_lies_in_a_listed_parent() -> None:
    known = reference.regions()
    orphans = [code for code, region in known.items() if region.parent not in known]
    assert orphans == ["64.02"]


def test_every_alias_leads_to_a_desa_or_kelurahan_of_today() -> None:
    aliases = reference.region_aliases()
    assert len(aliases) == len(set(aliases.values())) == 20
    for old, code in aliases.items():
        assert reference.resolve_desa(old, TODAY) == reference.regions()[code]


def test_no_alias_shadows_a_listed_code() -> None:
    assert not reference.region_aliases().keys() & reference.regions().keys()


def test_the_recoded_kecamatan_are_covered_whole() -> None:
    arrived = {code for code in reference.regions() if code.startswith(("64.02.19.", "64.02.20."))}
    assert set(reference.region_aliases().values()) == arrived


def test_a_kelurahan_may_consult_like_a_desa() -> None:
    assert reference.resolve_desa("64.02.14.1005", TODAY).name == "Dondang"


def test_an_old_code_stands_for_its_successor() -> None:
    assert reference.resolve_desa("64.02.08.2003", TODAY).code == "64.02.19.2002"


@pytest.mark.parametrize("code", ["64.02", "64.02.06"])
def test_a_kabupaten_or_kecamatan_is_not_a_desa(code: str) -> None:
    with pytest.raises(UnknownRegion) as refused:
        reference.resolve_desa(code, TODAY)
    assert (refused.value.code, refused.value.reason) == (code, "not_a_desa")


@pytest.mark.parametrize("code", ["64.02.06.9999", "", "6402062012", " 64.02.06.2012", "Tabang"])
def test_a_code_that_is_not_listed_is_unknown(code: str) -> None:
    with pytest.raises(UnknownRegion) as refused:
        reference.resolve_desa(code, TODAY)
    assert (refused.value.code, refused.value.reason) == (code, "unknown")


def test_a_retired_desa_is_refused_from_its_last_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = desa("64.02.06.2099", end=date(2026, 1, 1))
    know_only(monkeypatch, gone)
    assert reference.resolve_desa(gone.code, date(2025, 12, 31)) == gone
    with pytest.raises(UnknownRegion) as refused:
        reference.resolve_desa(gone.code, date(2026, 1, 1))
    assert refused.value.reason == "retired"


def test_a_desa_is_unknown_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    new = desa("64.02.06.2099", start=date(2027, 1, 1))
    know_only(monkeypatch, new)
    with pytest.raises(UnknownRegion) as refused:
        reference.resolve_desa(new.code, TODAY)
    assert refused.value.reason == "unknown"
    assert reference.resolve_desa(new.code, date(2027, 1, 1)) == new


def test_a_planned_recoding_takes_over_on_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2027, 1, 1)
    old, new = desa("64.02.19.2001", end=day), desa("64.02.21.2001", start=day)
    know_only(monkeypatch, old, new, aliases={"64.02.08.2001": old.code, old.code: new.code})
    assert reference.resolve_desa("64.02.08.2001", TODAY) == old
    assert reference.resolve_desa("64.02.08.2001", day) == new


def test_the_error_says_what_to_do_and_survives_copying() -> None:
    error = UnknownRegion("64.02.06.9999", "unknown")
    twin = copy.copy(error)
    expected = "64.02.06.9999 is not a known region; see /v1/reference/regions for valid codes"
    assert str(error) == str(twin) == expected
    assert (twin.code, twin.reason) == ("64.02.06.9999", "unknown")


def test_the_error_does_not_repeat_what_is_no_code() -> None:
    assert "0812" not in str(UnknownRegion("Budi 081234567890", "unknown"))


def test_a_datetime_is_not_a_day() -> None:
    with pytest.raises(TypeError, match="Asia/Makassar"):
        reference.resolve_desa("64.02.14.1005", datetime(2026, 11, 24, tzinfo=UTC))


@pytest.mark.parametrize(
    ("code", "kecamatan"),
    [
        ("64.02.10.2003", "64.02.10"),
        ("64.02.10", "64.02.10"),
        ("64.02.10.2099", "64.02.10"),
        ("64.02.08.2001", "64.02.19"),
        ("64.02", None),
        ("64.02.99.2001", None),
        ("64.02.10.Hambau", None),
        ("64.02.10.2003.1", None),
        ("Hambau", None),
        ("", None),
    ],
)
def test_the_kecamatan_is_read_off_the_code(code: str, kecamatan: str | None) -> None:
    assert reference.kecamatan_of(code) == kecamatan


def test_a_region_is_found_by_its_exact_code_only() -> None:
    found = reference.region("64.02.06")
    assert found
    assert found.name == "Tenggarong"
    assert reference.region("64.02.08.2001") is None


def test_every_kecamatan_and_the_regency_desk_have_seeded_officers() -> None:
    seeded = Counter(officer.satgas for officer in reference.seed_officers())
    kecamatan = [r.code for r in reference.regions().values() if r.type == "kecamatan"]
    assert seeded == {"dpmd": 2} | dict.fromkeys(kecamatan, 3)


def test_a_satgas_has_one_name_after_its_kecamatan() -> None:
    known = reference.regions()
    names = {(officer.satgas, officer.satgas_name) for officer in reference.seed_officers()}
    expected = {(c, f"Satgas {r.name}") for c, r in known.items() if r.type == "kecamatan"}
    assert names == expected | {("dpmd", "Tim Klik Desa DPMD")}


def test_no_officer_is_seeded_twice_or_can_be_reached_for_real() -> None:
    officers = reference.seed_officers()
    assert len({officer.officer for officer in officers}) == len(officers)
    assert {officer.email for officer in officers} == {
        f"{officer.officer}@klikdesa.example" for officer in officers
    }


def test_tables_are_read_once_and_cannot_be_changed() -> None:
    assert reference.topics() is reference.topics()
    with pytest.raises(TypeError):
        reference.topics()["X-Y"] = reference.topics()["LAIN-LAIN"]  # type: ignore[index]


def test_the_version_follows_the_content_of_the_files(tmp_path: Path) -> None:
    path = written(tmp_path, "a\n")
    before = tables.fingerprint(tmp_path)
    assert tables.fingerprint(tmp_path) == before
    path.write_text("b\n")
    assert tables.fingerprint(tmp_path) != before
    assert tables.fingerprint(tables.HERE) == reference.REFERENCE_VERSION


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("64.02.06,Tenggarong,kecamatan,64.02,\n", "line 3: 5 cells for 6 columns"),
        ("64.02.06,,kecamatan,64.02,,\n", "line 3: name is empty"),
        ("64.02.06,Tenggarong ,kecamatan,64.02,,\n", "line 3: name has spaces"),
        ("64.02.06,Tenggarong,desa,64.02,,\n", "line 3: 64.02.06 is by its code a kecamatan"),
        ("64.02.06,Tenggarong,kecamatan,64.03,,\n", "line 3: 64.02.06 does not lie in 64.03"),
        ("64.02.06.2012,Rapak,desa,64.02.06,,\n", "line 3: the parent 64.02.06"),
        ("6402,Kukar,kabupaten,64,,\n", "line 3: 6402 is not a region code"),
        ("64.02,Kukar,kabupaten,64,,\n", "line 3: 64.02 is listed twice"),
        ("64.02.06,T,kecamatan,64.02,24/11/2026,\n", "line 3: Invalid isoformat"),
        ("64.02.06,T,kecamatan,64.02,2026-01-01,2026-01-01\n", "line 3: 64.02.06 ends before"),
        (
            "64.02.06,T,kecamatan,64.02,,\n64.02.06.3001,T,desa,64.02.06,,\n",
            "line 4: 64.02.06.3001",
        ),
        ('64.02.06,"T,kecamatan,64.02,,\n', "line 3: unexpected end of data"),
    ],
)
def test_a_broken_region_row_is_named_by_file_and_line(
    tmp_path: Path, rows: str, complaint: str
) -> None:
    with pytest.raises(MalformedReference, match=f"^table.csv {complaint}"):
        registers.load_regions(written(tmp_path, REGION_COLUMNS + rows))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: the columns must be code,name_id"),
        ("code;name_id\n", "line 1: the columns must be code,name_id"),
        (b"code,name_id\na,b\nc,\xff\n", "line 3: not UTF-8"),
    ],
)
def test_a_file_that_is_not_the_table_is_named(
    tmp_path: Path, text: str | bytes, complaint: str
) -> None:
    with pytest.raises(MalformedReference, match=f"^table.csv {complaint}"):
        tables.load(written(tmp_path, text), ("code", "name_id"), dict)


def test_a_table_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbfcode,name_id\r\na,Satu\r\n")
    assert tables.load(path, ("code", "name_id"), dict)["a"]["name_id"] == "Satu"


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("64.02.06.2012,64.02.06.2014,\n", "line 2: 64.02.06.2012 is still valid"),
        ("64.02.06.2097,64.02.06.9999,\n", "line 2: 64.02.06.9999 is not in the region list"),
        ("Rapak,64.02.06.2012,\n", "line 2: Rapak is not a region code"),
        ("64.02.06.2098,64.02.06.2098,\n", "line 2: 64.02.06.2098 leads back to itself"),
        (
            "64.02.06.2098,64.02.06.2099,\n64.02.06.2099,64.02.06.2098,\n",
            "line 3: 64.02.06.2099 leads back to itself",
        ),
    ],
)
def test_a_misleading_alias_is_refused(tmp_path: Path, rows: str, complaint: str) -> None:
    gone = [desa(f"64.02.06.{last}", end=TODAY) for last in (2098, 2099)]
    known = {r.code: r for r in [desa("64.02.06.2012"), desa("64.02.06.2014"), *gone]}
    path = written(tmp_path, "old_code,code,note\n" + rows)
    with pytest.raises(MalformedReference, match=f"^table.csv {complaint}"):
        registers.load_aliases(path, known)


TOPIC_COLUMNS = "code,group,name_id,name_en,scope,valid_from,valid_to\n"


def test_a_retired_topic_is_told_from_one_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    retired = reference.Topic("SOS-LAMA", "SOS", "x", "x", "x", None, date(2026, 1, 1))
    known = {**reference.topics(), retired.code: retired}
    monkeypatch.setattr("shared.reference.registers.topics", lambda: known)
    assert reference.resolve_topic("SOS-LAMA", date(2025, 12, 31)) == retired
    with pytest.raises(reference.RetiredTopic, match="/v1/reference/topics"):
        reference.resolve_topic("SOS-LAMA", date(2026, 1, 1))
    with pytest.raises(KeyError):
        reference.resolve_topic("SOS-BARU", date(2026, 1, 1))


def test_an_old_topic_code_stands_for_todays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.reference.registers.topic_aliases", lambda: {"KEU-LAMA": "KEU-DD"})
    assert reference.resolve_topic("KEU-LAMA", date(2026, 1, 1)).code == "KEU-DD"


@pytest.mark.parametrize(
    "row",
    [
        "KEU-X,SOS,x,x,x,,",
        "KEU-X,KEU,x,x,x,2026-02-01,2026-01-01",
        "KEU-X,KEU,x,x,x,kemarin,",
        "KEU-X,KEU,,x,x,,",
    ],
)
def test_a_malformed_topic_is_refused_with_file_and_line(tmp_path: Path, row: str) -> None:
    path = tmp_path / "topics.csv"
    path.write_text(TOPIC_COLUMNS + row + "\n")
    with pytest.raises(reference.MalformedReference, match=r"topics\.csv line 2"):
        load_topics(path)


@pytest.mark.parametrize("row", ["KEU-DD,KEU-ADD,", "KEU-LAMA,KEU-TIDAK-ADA,"])
def test_a_topic_alias_neither_shadows_nor_leads_nowhere(tmp_path: Path, row: str) -> None:
    path = tmp_path / "topic_aliases.csv"
    path.write_text(f"old_code,code,note\n{row}\n")
    with pytest.raises(reference.MalformedReference, match=r"topic_aliases\.csv line 2"):
        load_topic_aliases(path, reference.topics())
