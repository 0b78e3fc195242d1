"""What the form of `/kirim` offers: the codes of today, by name."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from shared import reference
from shared.text.wording import Language, Text


class Choice(NamedTuple):
    code: str
    name: str


class Group(NamedTuple):
    name: str
    choices: Sequence[Choice]


#: Groups of topics, by the first part of their codes; a group that is not here is of the last.
_TOPIC_GROUPS: dict[str, Text] = {
    "KEU": Text("Keuangan desa", "Village finances"),
    "REN": Text("Perencanaan dan musyawarah", "Planning and deliberation"),
    "ASET": Text("Aset dan pengadaan", "Assets and procurement"),
    "PBJ": Text("Aset dan pengadaan", "Assets and procurement"),
    "REG": Text("Peraturan dan administrasi", "Regulations and administration"),
    "ADM": Text("Peraturan dan administrasi", "Regulations and administration"),
    "PEM": Text("Pemerintahan desa", "Village government"),
    "EKO": Text("Ekonomi desa", "Village economy"),
    "LKD": Text("Lembaga kemasyarakatan", "Village institutions"),
    "SOS": Text("Bantuan dan layanan sosial", "Social aid and services"),
    "KAP": Text("Bimtek dan program", "Training and programmes"),
    "PRG": Text("Bimtek dan program", "Training and programmes"),
    "LAIN": Text("Lainnya", "Other"),
}


@lru_cache(maxsize=4)
def places(on: date) -> Sequence[Group]:
    """Desa and kelurahan by kecamatan, all by name. The same in both languages."""
    rows = [one for one in reference.regions().values() if one.active(on)]
    kecamatan = sorted((one for one in rows if one.type == "kecamatan"), key=lambda one: one.name)
    return [
        Group(
            f"Kecamatan {above.name}",
            sorted(
                (Choice(one.code, _full(one, above)) for one in rows if one.parent == above.code),
                key=lambda one: one.name,
            ),
        )
        for above in kecamatan
    ]


def _full(one: reference.Region, above: reference.Region) -> str:
    """With its kecamatan: eight names of desa repeat inside the kabupaten."""
    name = one.name if one.type == "desa" else f"Kelurahan {one.name}"
    return f"{name}, {above.name}"


@lru_cache(maxsize=8)
def topics(on: date, said: Language) -> Sequence[Group]:
    rows = [one for one in reference.topics().values() if one.active(on)]
    grouped = groupby(rows, lambda one: _TOPIC_GROUPS.get(one.group, _TOPIC_GROUPS["LAIN"]))
    return [
        Group(of.said_in(said), [Choice(one.code, getattr(one, f"name_{said}")) for one in some])
        for of, some in grouped
    ]


def kinds(said: Language) -> Sequence[Choice]:
    return [Choice(one.code, getattr(one, f"name_{said}")) for one in reference.kinds().values()]


def roles(said: Language) -> Sequence[Choice]:
    return [Choice(one.code, getattr(one, f"name_{said}")) for one in reference.roles().values()]


def desa_of(code: str, on: date) -> str:
    """Today's code of the desa that an address names; empty where it names none."""
    try:
        return reference.resolve_desa(code, on).code
    except reference.UnknownRegion:
        return ""
