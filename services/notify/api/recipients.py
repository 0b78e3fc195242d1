"""The directory: who can be told, and how. Addresses are shown to those who may put them."""

import re
from typing import Annotated

from fastapi import APIRouter, Header, Path, Response

from services.notify.api.schemas import RecipientBody, RecipientView
from services.notify.domain.audience import REQUESTER
from services.notify.domain.recipients import Recipient
from services.notify.ports import Recipients
from shared.audit.changes import written_down_first
from shared.errors import Conflict
from shared.storage.retrying import retry_on_conflict
from shared.text.wording import Fault, Text
from shared.web.app import TAGGED, WITH_BODY, IfNoneMatch, problems, tagged
from shared.web.auth import ELSEWHERE, Caller, CallerOf
from shared.web.problems import Problem

RecipientId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_.\-]+$",
        description="An officer's code, or another one",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        description="The ETag of the version that is to be replaced; 412 if it has changed",
    ),
]


def add_recipients(router: APIRouter, recipients: Recipients) -> None:
    @router.get("/recipients/{id}", responses=problems("not_found") | TAGGED)
    async def read_recipient(
        id: RecipientId, caller: CallerOf, response: Response, if_none_match: IfNoneMatch = None
    ) -> RecipientView:
        """How somebody is told."""
        found = await recipients.get(id)
        if found is None:
            raise Problem("not_found")
        _check_reach(caller, found.satgas)
        return tagged(RecipientView.of(found), f'"{found.version}"', if_none_match, response)

    @router.put("/recipients/{id}", responses=problems("changed_meanwhile", *WITH_BODY))
    @written_down_first
    async def put_recipient(
        id: RecipientId,
        body: RecipientBody,
        caller: CallerOf,
        response: Response,
        if_match: IfMatch = None,
    ) -> RecipientView:
        """Put somebody into the directory, or replace the entry, whole; from the next alert on."""
        if id == REQUESTER:
            said = Text("Kode ini mewakili pemohon.", "Stands for requesters")
            raise Problem("invalid", errors=[Fault("path:id", "reserved", said)])
        _check_reach(caller, body.satgas)

        async def put() -> Recipient:
            known = await recipients.get(id)
            if known is not None:
                _check_reach(caller, known.satgas)
            after = known.version if known else 0
            if if_match is not None and not _fits(if_match, after):
                raise _changed_meanwhile()
            return await recipients.put(body.recipient(id), after=after)

        try:
            kept = await retry_on_conflict(put)
        except Conflict:
            raise _changed_meanwhile() from None
        response.headers["ETag"] = f'"{kept.version}"'
        return RecipientView.of(kept)


def _changed_meanwhile() -> Problem:
    said = Text(
        "Baca penerima kembali lalu putuskan lagi.", "Read the recipient again and decide anew."
    )
    return Problem("changed_meanwhile", detail=said)


def _check_reach(caller: Caller, satgas: str) -> None:
    if not caller.may_see(satgas):
        raise Problem("forbidden", detail=ELSEWHERE)


def _fits(if_match: str, version: int) -> bool:
    """Whether an ETag of ours is of `version`; `*` of any that there is."""
    if if_match.strip() == "*":
        return version > 0
    found = re.fullmatch(r'(?:W/)?"([0-9]{1,9})"', if_match.strip())
    return found is not None and int(found[1]) == version
