"""Reading: one consultation, the satgas's inbox, the requester's tracking, codes and counts."""

from asyncio import gather
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from services.intake.api.consultation_schemas import ConsultationView
from services.intake.api.inbox_schemas import CURSOR, Cursor, InboxView
from services.intake.api.parameters import (
    SEES_REQUESTER,
    check_sight,
    etag_of,
    inbox_filter,
    title_for,
)
from services.intake.api.schemas import (
    AcceptedCounts,
    ContactsAsked,
    ContactsView,
    ReferenceName,
    ReferenceView,
    TokenView,
)
from services.intake.api.track import StatusView, TrackView
from services.intake.domain.consultation import Consultation, Private
from services.intake.domain.lifecycle import Status
from services.intake.domain.tickets import normal_ticket
from services.intake.link_tokens import LinkTokens
from services.intake.ports import Reading
from services.intake.requester_tokens import RequesterTokens
from services.intake.search import LEAST_TYPED, MOST_TYPED, search
from services.intake.tracking import LinkRequests, NotOpened, Tracking
from shared import reference
from shared.audit import trail
from shared.limits.buckets import Buckets
from shared.limits.sources import source_of
from shared.text.wording import Language, Text
from shared.web.app import TAGGED, WITH_BODY, IfNoneMatch, in_order, problems, tagged
from shared.web.auth import Caller, CallerOf, Role, without_key
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
    title = title_for(caller, consultation)
    return ConsultationView.of(replace(consultation, title=title), seen, said, complete=complete)


Order = Literal["newest", "due"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which consultations of an inbox, and in which order."""

    kecamatan: str | None = None
    status: Status | None = None
    officer: str | None = None
    topic: str | None = None
    ticket: str | None = None
    order: Order = "newest"
    text: str | None = None


async def list_inbox(
    store: Reading,
    caller: Caller,
    said: Language,
    wanted: Wanted,
    cursor: Cursor | None,
    limit: int,
    searches: Buckets,
) -> InboxView:
    """A page of what the caller may see; `cursor`: from the last one's `next`. `searches`: how
    often each caller may look for words. Raises `Problem`, `TooMany`."""
    query = inbox_filter(caller, wanted.kecamatan)
    for name in ("officer", "topic"):
        if (value := getattr(wanted, name)) is not None:
            query[name] = value
    if wanted.ticket is not None:
        # what can be no ticket is nobody's
        query["ticket"] = normal_ticket(wanted.ticket) or ""
    listed = {**query, "status": wanted.status} if wanted.status else query
    if wanted.text is not None:
        searches.take(caller.key_id)
        return await _search(store, caller, said, query, listed, wanted.text, cursor, limit)
    is_due = wanted.order == "due"
    if is_due:
        reading = store.awaiting_answer(
            listed, after=cursor.position if cursor else None, limit=limit + 1
        )
    else:
        reading = store.inbox(listed, before=cursor.id if cursor else None, limit=limit + 1)
    # beside each other: both walk all that the caller sees
    counts, page = await gather(store.count_by_status(query), reading)
    last = page[limit - 1] if len(page) > limit else None
    following = str(Cursor(last.id, last.answer_due if is_due else None)) if last else None
    items = [replace(one, title=title_for(caller, one)) for one in page[:limit]]
    trail.saw(one.id for one in items)
    return InboxView.of(items, counts, following, said, is_due=is_due)


async def _search(
    store: Reading,
    caller: Caller,
    said: Language,
    query: dict[str, Any],
    listed: dict[str, Any],
    text: str,
    cursor: Cursor | None,
    limit: int,
) -> InboxView:
    """A page of those that have these words, newest first; it is counted as without them."""

    def shown(one: Consultation) -> Consultation:
        return replace(one, title=title_for(caller, one))

    counts, found = await gather(
        store.count_by_status(query),
        search(store, listed, text, shown=shown, before=cursor.id if cursor else None, limit=limit),
    )
    trail.saw(one.id for one in found.items)
    items = [shown(one) for one in found.items]
    following = str(Cursor(found.following)) if found.following else None
    return InboxView.of(items, counts, following, said, searched=found.searched)


def add_reads(router: APIRouter, store: Reading, links: LinkTokens) -> None:
    @router.get("/consultations/{id}", responses=problems("not_found") | TAGGED)
    async def read_consultation(
        id: UUID,
        caller: CallerOf,
        response: Response,
        said: LanguageOf,
        if_none_match: IfNoneMatch = None,
    ) -> ConsultationView:
        """A consultation; the satgas, DPMD and administrators also see who asked. A requester's
        token reads its own, without notes and without names."""
        found = await store.get_with_private(id)
        if found is None:
            raise Problem("not_found")
        consultation, private = found
        check_sight(caller, consultation)
        view = show(consultation, private, caller, said)
        return tagged(view, etag_of(consultation, caller, said), if_none_match, response)

    @router.get("/consultations/{id}/status", responses=problems("not_found") | TAGGED)
    async def read_status(
        id: UUID,
        caller: CallerOf,
        response: Response,
        said: LanguageOf,
        if_none_match: IfNoneMatch = None,
    ) -> StatusView:
        """How it stands, without a word of it: for the front-end that posted it, whoever asked."""
        found = await store.for_move(id)
        if found is None:
            raise Problem("not_found")
        check_sight(caller, found)
        etag = f'"{found.version}-{said}"'
        return tagged(StatusView.of(found, said), etag, if_none_match, response)

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
        ticket: Annotated[str | None, Query(max_length=20, description="As people type it")] = None,
        order: Annotated[
            Order, Query(description="`due`: what awaits its first answer, by its deadline")
        ] = "newest",
        q: Annotated[
            str | None,
            Query(
                min_length=LEAST_TYPED,
                max_length=MOST_TYPED,
                pattern=r"\S[\s\S]*\S",
                description="Words, or parts of them, all of which title, body or messages have",
            ),
        ] = None,
        cursor: Annotated[
            str | None, Query(pattern=CURSOR, description="From the last page's `next`")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE_ITEMS)] = 50,
    ) -> InboxView:
        """A satgas's inbox, newest first; paging is stable while new ones come in.

        A key for one kecamatan lists what comes from there or was transferred there. Complaints
        are in nobody's inbox but that of whom they were given to.

        With `q` it lists those that have these words, newest first whatever the `order`: a page
        looks through 500 at most, and may be shorter than `limit`, or empty, while there is a
        `next`. `counts` are those without `q`.
        """
        wanted = Wanted(kecamatan, status, officer, topic, ticket, order, q)
        searches: Buckets = request.app.state.searches
        page = Cursor.read(cursor) if cursor else None
        view = await list_inbox(store, caller, said, wanted, page, limit, searches)
        if view.next:
            url = request.url.include_query_params(cursor=view.next)
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return view

    @router.post("/contacts", responses=problems(*WITH_BODY))
    @direct
    async def read_contacts(asked: ContactsAsked, caller: CallerOf) -> ContactsView:
        """How the requesters of some consultations want to be told, for notify at the moment of
        telling.

        Who left no contact is left out, as is what is not known here. Nothing of it may be kept.
        """
        found = await store.contacts(asked.consultations)
        trail.saw(one.consultation for one in found)
        return ContactsView.of(found, links)

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


def add_codes(router: APIRouter) -> None:
    @router.get(
        "/reference/{name}",
        responses=problems("too_many") | TAGGED,
        dependencies=[Depends(without_key)],
    )
    async def read_reference(
        name: ReferenceName,
        response: Response,
        if_none_match: IfNoneMatch = None,
    ) -> ReferenceView:
        """The codes that a form offers, and those that answers carry, with their names.

        For anybody, without a key.
        Regions, topics, roles, SDGs Desa, kinds and channels; statuses, moves, reasons and others.
        """
        view = ReferenceView.of(name)
        response.headers["Cache-Control"] = "public, no-cache"
        return tagged(view, f'"{reference.REFERENCE_VERSION}"', if_none_match, response)


async def find_tracked(tracking: Tracking, ticket: str, pin: str, request: Request) -> Consultation:
    """That of the ticket, for whoever has its PIN; one `Problem` for every other try."""
    source = source_of(request.client.host if request.client else None)
    try:
        found = await tracking.open(ticket, pin, source)
    except NotOpened:
        said = Text(
            "Tidak ada konsultasi dengan tiket dan PIN ini, atau sudah terlalu banyak dicoba. "
            "Periksa keduanya; setelah beberapa kali keliru, tunggu 15 menit.",
            "No consultation has this ticket and PIN, or there were too many tries. "
            "Check both; after several wrong ones, wait 15 minutes.",
        )
        raise Problem("not_found", detail=said) from None
    # only now: who guesses is counted elsewhere, and must not fill the audit
    trail.open_trail(request.scope, Role.REQUESTER, Role.REQUESTER)
    trail.saw([found.id])
    return found


Ticket = Annotated[str, Path(max_length=20)]
Pin = Annotated[str, Header(alias="X-Pin", pattern=r"^[0-9]{6}$", description="Six digits")]


def add_tracking(
    router: APIRouter, tracking: Tracking, tokens: RequesterTokens, link_requests: LinkRequests
) -> None:
    @router.get("/track/{ticket}", responses=TAGGED)
    async def track(
        ticket: Ticket,
        x_pin: Pin,
        request: Request,
        response: Response,
        spoken: LanguageOf,
        if_none_match: IfNoneMatch = None,
    ) -> TrackView:
        """Where a consultation is and what happened, for whoever has its ticket and PIN.

        One answer, 404, for a ticket that is not known, a wrong PIN, and too many of them: five in
        a quarter of an hour from one address for one ticket.
        """
        consultation = await find_tracked(tracking, ticket, x_pin, request)
        view = TrackView.of(consultation, spoken)
        etag = f'"{consultation.version}-{spoken}"'
        return tagged(view, etag, if_none_match, response)

    @router.post("/track/{ticket}/token")
    async def track_token(ticket: Ticket, x_pin: Pin, request: Request) -> TokenView:
        """A new token for the requester, for whoever has ticket and PIN. Tries count as above."""
        consultation = await find_tracked(tracking, ticket, x_pin, request)
        return TokenView.of(consultation, tokens.issue(consultation.id))

    @router.post("/track/{ticket}/link", status_code=202, response_class=Response)
    async def send_link(ticket: Ticket, request: Request) -> Response:
        """For who lost the PIN: a link that opens the page goes to the contact left with it.

        The same answer whether there is such a ticket, or a contact, or not. Three a day for one
        ticket, and twenty from one address, are sent.
        """
        await ask_for_link(link_requests, ticket, request)
        return Response(status_code=202)


async def ask_for_link(link_requests: LinkRequests, ticket: str, request: Request) -> None:
    """Raises `TooMany`, and `StoreUnavailable`."""
    await without_key(request)
    await link_requests.ask(ticket, source_of(request.client.host if request.client else None))
