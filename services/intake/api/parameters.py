"""Parameters that several of intake's routes share, and who may see what."""

from typing import Annotated, Any

from fastapi import Header

from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Who
from shared.reference import COMPLAINT, DPMD
from shared.text.masking import masked
from shared.text.wording import Language, Text
from shared.web.auth import ELSEWHERE, Caller, Role, Scope
from shared.web.problems import Problem

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="A repeated post carries the same key",
    ),
]

#: Roles that may see who asked, and notes among officers.
SEES_REQUESTER = frozenset({Role.OFFICER, Role.COORDINATOR, Role.DPMD, Role.ADMIN})


def side_of(caller: Caller) -> Who:
    """Requesters, who are never named, act for themselves; everybody else for the satgas."""
    return Who("requester") if caller.role is Role.REQUESTER else Who("officer", caller.key_id)


def may_see(caller: Caller, consultation: Consultation) -> bool:
    """A key for one kecamatan sees what comes from there, or was transferred there.

    A complaint it sees only where the DPMD desk gave it to that satgas. A requester sees the own
    consultation, a front-end what it posted; of whom nobody knows who posted it, no front-end.
    """
    if caller.scope is Scope.ONE:
        return caller.consultation == consultation.id
    if caller.scope is Scope.POSTED:
        return caller.key_id == consultation.submitted_by
    if consultation.is_confidential:
        return caller.may_see(consultation.satgas or "")
    return caller.may_see(consultation.kecamatan, satgas=consultation.satgas)


def title_for(caller: Caller, consultation: Consultation) -> str:
    """Whole for the requester's side and for the satgas that has it; else without numbers and
    addresses of people."""
    own = DPMD if caller.role is Role.DPMD else caller.territory
    has_it = own is not None and own == consultation.satgas
    if has_it or caller.role is Role.REQUESTER:
        return consultation.title
    return masked(consultation.title)


def check_sight(caller: Caller, consultation: Consultation) -> None:
    """403 for what is another kecamatan's; 404 for what may not even be known to exist: complaints,
    and to requesters and front-ends whatever is not theirs."""
    if may_see(caller, consultation):
        return
    if consultation.is_confidential or caller.scope in (Scope.ONE, Scope.POSTED):
        raise Problem("not_found")
    raise Problem("forbidden", detail=ELSEWHERE)


def check_transfer(caller: Caller, consultation: Consultation, to: str) -> None:
    """Who may see a complaint is for the DPMD desk to say: a satgas can only give it back."""
    if consultation.is_confidential and to != DPMD and not caller.may_see(to):
        said = Text(
            "Pengaduan hanya dapat dialihkan ke 'dpmd'.",
            "A complaint can be transferred to 'dpmd' only.",
        )
        raise Problem("forbidden", detail=said)


def inbox_filter(caller: Caller, kecamatan: str | None) -> dict[str, Any]:
    """The query for what `may_see` lets through, of one kecamatan where that is asked for.

    Each branch of the `$or` has an index that ends in the id, so that pages are merged unsorted.
    """
    territory = caller.territory
    if caller.scope is Scope.ALL:
        return {"kecamatan": kecamatan} if kecamatan else {}
    if kecamatan not in (None, territory):
        raise Problem("forbidden", detail=ELSEWHERE)
    return {"$or": [{"kecamatan": territory, "kind": {"$ne": COMPLAINT}}, {"satgas": territory}]}


def etag_of(consultation: Consultation, caller: Caller, said: Language) -> str:
    """The version, and what decides what is shown of it: role, whose it is, and language."""
    is_whole = title_for(caller, consultation) == consultation.title
    role = caller.role if is_whole else f"{caller.role}masked"
    return f'"{consultation.version}-{role}-{said}"'
