"""Rosters: who is in a satgas, who is there, how much they have; and how to change that."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.routing.api.parameters import IfMatch
from services.routing.api.satgas_schemas import RosterBody, SatgasView
from services.routing.domain.roster import Roster, Satgas
from services.routing.domain.roster_check import check_roster
from services.routing.ports import Rosters
from shared.audit.changes import written_down_first
from shared.errors import Conflict
from shared.storage.retrying import retry_on_conflict
from shared.text.wording import Text
from shared.web.app import TAGGED, WITH_BODY, IfNoneMatch, problems, tagged
from shared.web.auth import ELSEWHERE, Caller, CallerOf
from shared.web.problems import Problem

SatgasCode = Annotated[
    str,
    Path(
        pattern=r"^([0-9]{2}\.[0-9]{2}\.[0-9]{2}|dpmd)$",
        description="The satgas: a kecamatan, or `dpmd`",
    ),
]
AcceptNobody = Annotated[
    bool, Query(description="Keep the roster although on some day nobody will be there")
]

#: As `_etag` makes them: edition, revision and day.
ETAG = r'"([0-9]{1,9})\.[0-9]{1,18}\.[0-9]{8}"'
#: Times that an edit without `If-Match` is tried over one that was quicker.
MAX_EDIT_TRIES = 5
READ_AGAIN = Text(
    "Baca daftar petugas kembali lalu putuskan lagi.", "Read the roster again and decide anew."
)


def add_satgas(router: APIRouter, rosters: Rosters, today: Callable[[], date]) -> None:
    @router.get("/satgas/{kecamatan}", responses=problems("not_found") | TAGGED)
    async def read_satgas(
        kecamatan: SatgasCode,
        caller: CallerOf,
        response: Response,
        if_none_match: IfNoneMatch = None,
    ) -> SatgasView:
        """The roster, with each officer's open cases, and who is there today."""
        satgas, day = await find_satgas(rosters, kecamatan, caller), today()
        return tagged(SatgasView.of(satgas, day), _etag(satgas, day), if_none_match, response)

    @router.put(
        "/satgas/{kecamatan}",
        responses=problems("not_found", "changed_meanwhile", "malformed", *WITH_BODY),
    )
    @written_down_first
    async def put_satgas(
        kecamatan: SatgasCode,
        body: RosterBody,
        caller: CallerOf,
        response: Response,
        accept_nobody: AcceptNobody = False,
        if_match: IfMatch = None,
    ) -> SatgasView:
        """Put a new roster in the place of the old one, from the next case on.

        Who has open cases cannot be left out: mark him unavailable and transfer his cases first.
        """
        day = today()
        changed = await replace_roster(
            rosters, kecamatan, body.roster(), caller, day, _edition(if_match), accept_nobody
        )
        response.headers["ETag"] = _etag(changed, day)
        return SatgasView.of(changed, day)


async def replace_roster(
    rosters: Rosters,
    kecamatan: str,
    roster: Roster,
    caller: Caller,
    today: date,
    edition: int | None,
    accept_nobody: bool = False,
) -> Satgas:
    """`edition`: the one that `roster` is to replace; None for whichever there is.

    Raises `Problem`: `changed_meanwhile` where it is another one, `invalid` where nobody can work
    by the roster; and as `find_satgas`.
    """

    async def replaced() -> Satgas:
        satgas = await find_satgas(rosters, kecamatan, caller)
        if edition not in (None, satgas.edition):
            raise Problem("changed_meanwhile", detail=READ_AGAIN)
        _check(satgas, roster, today, accept_nobody)
        return await rosters.put(kecamatan, roster, satgas.edition)

    try:
        return await retry_on_conflict(replaced, tries=MAX_EDIT_TRIES)
    except Conflict:
        raise Problem("changed_meanwhile", detail=READ_AGAIN) from None


async def find_satgas(rosters: Rosters, kecamatan: str, caller: Caller) -> Satgas:
    """Raises `Problem`: `forbidden` outside of the caller's reach, `not_found`."""
    if not caller.may_see(kecamatan):
        raise Problem("forbidden", detail=ELSEWHERE)
    satgas = await rosters.get(kecamatan)
    if satgas is None:
        raise Problem("not_found")
    return satgas


def _check(satgas: Satgas, roster: Roster, today: date, accept_nobody: bool) -> None:
    faults = check_roster(satgas, roster, today, accept_nobody=accept_nobody)
    if faults:
        raise Problem("invalid", errors=faults)


def _etag(satgas: Satgas, today: date) -> str:
    """The edition, which `If-Match` goes by; loads change with `rev`, and presence with the day."""
    return f'"{satgas.edition}.{satgas.rev}.{today:%Y%m%d}"'


def _edition(if_match: str | None) -> int | None:
    """The edition in an ETag of ours; 0, which no roster has, for anything else."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.search(ETAG, if_match)
    return int(found[1]) if found else 0
