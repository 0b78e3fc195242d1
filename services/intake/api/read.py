"""Reading: one consultation, the satgas's inbox, the requester's tracking, codes and counts."""

import hmac
import math
from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response

from services.intake.api.consultation_schemas import ConsultationView
from services.intake.api.inbox_schemas import InboxView
from services.intake.api.parameters import SEES_REQUESTER, check_sight, etag_of, inbox_filter
from services.intake.api.schemas import (
    AcceptedCounts,
    ContactsAsked,
    ContactsView,
    ReferenceName,
    ReferenceView,
)
from services.intake.api.track import TrackView
from services.intake.domain.consultation import Consultation, Private
from services.intake.domain.lifecycle import Status
from services.intake.domain.tickets import normal_ticket, rests_until
from services.intake.ports import Reading
from shared import reference
from shared.text.wording import Language, Text
from shared.web.app import TAGGED, WITH_BODY, IfNoneMatch, in_order, problems, tagged
from shared.web.auth import Caller, CallerOf
from shared.web.direct import direct
from shared.web.fields import Day
from shared.web.problems import LanguageOf, Problem

KECAMATAN = r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$"
#: Consultations on one page of an inbox.
MAX_PAGE_ITEMS = 200


def show(
    consultation: Consultation,
    private: Private,
    caller: Caller,
    said: Language,
    *,
    complete: bool = True,
) -> ConsultationView:
    """As much as the caller's role may see."""
    seen = private if caller.role in SEES_REQUESTER else None
    return ConsultationView.of(consultation, seen, said, complete=complete)


def add_reads(router: APIRouter, store: Reading) -> None:
    @router.get("/consultations/{id}", responses=problems("not_found") | TAGGED)
    async def read_consultation(
        id: UUID,
        caller: CallerOf,
        response: Response,
        said: LanguageOf,
        if_none_match: IfNoneMatch = None,
    ) -> ConsultationView:
        """A consultation; the satgas, DPMD and administrators also see who asked."""
        found = await store.get_with_private(id)
        if found is None:
            raise Problem("not_found")
        consultation, private = found
        check_sight(caller, consultation)
        view = show(consultation, private, caller, said)
        return tagged(view, etag_of(consultation, caller, said), if_none_match, response)

    @router.get("/consultations")
    async def list_consultations(
        caller: CallerOf,
        request: Request,
        response: Response,
        said: LanguageOf,
        kecamatan: Annotated[str | None, Query(pattern=KECAMATAN)] = None,
        status: Annotated[Status | None, Query()] = None,
        officer: Annotated[str | None, Query(max_length=64, pattern=r"^[\w.\-]+$")] = None,
        topic: Annotated[str | None, Query(max_length=64, pattern=r"^[\w.\-]+$")] = None,
        cursor: Annotated[UUID | None, Query(description="From the last page's `next`")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE_ITEMS)] = 50,
    ) -> InboxView:
        """A satgas's inbox, newest first; paging is stable while new ones come in.

        A key for one kecamatan lists what comes from there or was transferred there. Complaints
        are in nobody's inbox but that of whom they were given to.
        """
        wanted = {"officer": officer, "topic": topic}
        query = inbox_filter(caller, kecamatan) | {
            name: value for name, value in wanted.items() if value is not None
        }
        counts = await store.count_by_status(query)
        page = await store.inbox(
            query | ({"status": status} if status else {}), before=cursor, limit=limit + 1
        )
        following = page[limit - 1].id if len(page) > limit else None
        if following:
            url = request.url.include_query_params(cursor=str(following))
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return InboxView.of(page[:limit], counts, following, said)

    @router.post("/contacts", responses=problems(*WITH_BODY))
    @direct
    async def read_contacts(asked: ContactsAsked, caller: CallerOf) -> ContactsView:
        """How the requesters of some consultations want to be told, for notify at the moment of
        telling.

        Who left no contact is left out, as is what is not known here. Nothing of it may be kept.
        """
        found = await store.contacts(asked.consultations)
        return ContactsView.of(found)

    @router.get("/accepted")
    async def count_accepted(
        caller: CallerOf,
        first: Annotated[Day, Query(alias="from", description="First day, Asia/Makassar")],
        last: Annotated[Day, Query(alias="to", description="Last day, included")],
    ) -> AcceptedCounts:
        """How many consultations were accepted, by day and kecamatan, for reconciliation."""
        in_order(first, last)
        rows = await store.count_accepted(first.isoformat(), last.isoformat())
        return AcceptedCounts.model_validate({"rows": rows})

    @router.get("/reference/{name}", responses=problems("not_found") | TAGGED)
    async def read_reference(
        name: ReferenceName,
        caller: CallerOf,
        response: Response,
        if_none_match: IfNoneMatch = None,
    ) -> ReferenceView:
        """The codes that a form offers, and those that answers carry, with their names.

        Regions, topics, roles, SDGs Desa, kinds and channels; statuses, moves, reasons and others.
        """
        view = ReferenceView.of(name)
        return tagged(view, f'"{reference.REFERENCE_VERSION}"', if_none_match, response)


async def find_tracked(store: Reading, ticket: str, pin: str, now: datetime) -> Consultation:
    """That of the ticket, for whoever has its PIN. Raises `Problem`, `too_many_guesses` among
    them."""
    normal = normal_ticket(ticket)
    found = await store.by_ticket(normal) if normal else None
    if found and (until := rests_until(found.misses, now)):
        seconds = max(1, math.ceil((until - now).total_seconds()))
        raise Problem("too_many_guesses", headers={"Retry-After": str(seconds)})
    # one answer for a wrong ticket and a wrong PIN: nobody learns which tickets exist
    if found is None or not hmac.compare_digest(found.private.pin.encode(), pin.encode()):
        if found:
            await store.note_pin_miss(found.consultation.id, now)
        said = Text(
            "Tidak ada konsultasi dengan tiket dan PIN ini.",
            "No consultation has this ticket and PIN.",
        )
        raise Problem("not_found", detail=said)
    return found.consultation


def add_tracking(router: APIRouter, store: Reading, clock: Callable[[], datetime]) -> None:
    @router.get("/track/{ticket}", responses=TAGGED | problems("too_many_guesses"))
    async def track(
        ticket: Annotated[str, Path(max_length=20)],
        x_pin: Annotated[
            str, Header(alias="X-Pin", pattern=r"^[0-9]{6}$", description="Six digits")
        ],
        response: Response,
        spoken: LanguageOf,
        if_none_match: IfNoneMatch = None,
    ) -> TrackView:
        """Where a consultation is and what happened, for whoever has its ticket and PIN."""
        consultation = await find_tracked(store, ticket, x_pin, clock())
        view = TrackView.of(consultation, spoken)
        etag = f'"{consultation.version}-{spoken}"'
        return tagged(view, etag, if_none_match, response)
