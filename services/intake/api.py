"""intake's HTTP routes: requests in, decisions asked for, answers out."""

import asyncio
import hmac
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field, SkipValidation, ValidationError

from services.intake.acceptance import Acceptance, Accepted, KeyReused
from services.intake.domain import Consultation, Private
from services.intake.submission import BatchItem, Submission
from services.intake.tickets import normal_ticket
from services.intake.views import (
    AcceptedCounts,
    BatchReceipt,
    BatchReply,
    ConsultationView,
    Receipt,
    ReferenceName,
    ReferenceView,
    TrackView,
)
from shared import reference
from shared.errors import StoreUnavailable
from shared.http import GUARDED, TAGGED, WITH_BODY, Day, IfNoneMatch, in_order, problems, tagged
from shared.identity import Caller, Role, authorize
from shared.problems import FieldError, Problem, field_errors, language

#: Roles that may see who asked.
SEES_REQUESTER = frozenset({Role.OFFICER, Role.ADMIN})


class Store(Protocol):
    async def get_with_private(self, id_: UUID) -> tuple[Consultation, Private] | None: ...
    async def by_ticket(self, ticket: str) -> tuple[Consultation, Private] | None: ...
    async def count_accepted(self, first_day: str, last_day: str) -> list[dict[str, Any]]: ...


class Batch(BaseModel):
    """Each item is judged by itself, so that one bad post does not keep the others."""

    items: Annotated[
        list[SkipValidation[BatchItem]],
        Field(min_length=1, max_length=100),
    ]


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="A repeated post carries the same key",
    ),
]
CallerOf = Annotated[Caller, Depends(authorize)]


def routes(acceptance: Acceptance, store: Store) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))
    _posts(router, acceptance)
    _reads(router, store)
    public = APIRouter(prefix="/v1", responses=problems("not_found", "invalid", "unavailable"))
    _tracking(public, store)
    both = APIRouter()
    both.include_router(router)
    both.include_router(public)
    return both


def _posts(router: APIRouter, acceptance: Acceptance) -> None:
    @router.post("/consultations", status_code=202, responses=problems(*WITH_BODY))
    async def submit_consultation(
        post: Submission, caller: CallerOf, idempotency_key: IdempotencyKey = None
    ) -> Receipt:
        """Submit a consultation. 202 means that it is kept, on disk, whatever happens next."""
        return Receipt.of(await _accept(acceptance, post, caller, idempotency_key))

    @router.post(
        "/consultations:batch",
        status_code=207,
        responses=problems(*WITH_BODY),
        response_model_exclude_none=True,
    )
    async def submit_batch(batch: Batch, caller: CallerOf, request: Request) -> BatchReply:
        """Submit up to a hundred posts, such as those written without signal."""
        results = await asyncio.gather(
            *(
                _accept_item(acceptance, f"/items/{number}", item, caller, request)
                for number, item in enumerate(batch.items)
            )
        )
        return BatchReply.model_validate({"results": results})


async def _accept(
    acceptance: Acceptance, post: Submission, caller: Caller, key: str | None, at: str = ""
) -> Accepted:
    """`at`: the JSON pointer of the post in the request's body."""
    try:
        return await acceptance.accept(post, caller=caller.key_id, key=key)
    except KeyReused:
        raise Problem("key_reused", detail="Use a new key for a new consultation.") from None
    except reference.UnknownRegion as error:
        wrong = FieldError(pointer=f"{at}/desa_code", code=error.reason, detail=str(error))
        raise Problem("invalid", errors=[wrong]) from None


async def _accept_item(
    acceptance: Acceptance, at: str, item: object, caller: Caller, request: Request
) -> BatchReceipt | dict[str, Any]:
    try:
        try:
            post = BatchItem.model_validate(item)
        except ValidationError as error:
            raise Problem("invalid", errors=field_errors(error.errors(), at)) from None
        accepted = await _accept(acceptance, post, caller, post.idempotency_key, at)
    except StoreUnavailable:
        return Problem("unavailable").body(language(request))
    except Problem as problem:
        return problem.body(language(request))
    return BatchReceipt.of(accepted)


def _reads(router: APIRouter, store: Store) -> None:
    @router.get("/consultations/{id}", responses=problems("not_found") | TAGGED)
    async def read_consultation(
        id: UUID, caller: CallerOf, response: Response, if_none_match: IfNoneMatch = None
    ) -> ConsultationView:
        """A consultation; officers and administrators also see who asked."""
        found = await store.get_with_private(id)
        if found is None:
            raise Problem("not_found")
        consultation, private = found
        view = ConsultationView.of(consultation, private if caller.role in SEES_REQUESTER else None)
        return tagged(view, f'"{consultation.version}-{caller.role}"', if_none_match, response)

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
        """The codes that a form offers: regions, topics, roles, SDGs Desa, kinds, channels."""
        view = ReferenceView.of(name)
        return tagged(view, f'"{reference.REFERENCE_VERSION}"', if_none_match, response)


def _tracking(router: APIRouter, store: Store) -> None:
    @router.get("/track/{ticket}", responses=TAGGED)
    async def track(
        ticket: Annotated[str, Path(max_length=20)],
        x_pin: Annotated[
            str, Header(alias="X-Pin", pattern=r"^[0-9]{6}$", description="Six digits")
        ],
        response: Response,
        if_none_match: IfNoneMatch = None,
    ) -> TrackView:
        """Where a consultation is, for whoever has its ticket and PIN."""
        normal = normal_ticket(ticket)
        found = await store.by_ticket(normal) if normal else None
        # one answer for a wrong ticket and a wrong PIN: nobody learns which tickets exist
        if found is None or not hmac.compare_digest(found[1].pin.encode(), x_pin.encode()):
            raise Problem("not_found", detail="No consultation has this ticket and PIN.")
        consultation = found[0]
        view = TrackView.of(consultation)
        return tagged(view, f'"{consultation.version}"', if_none_match, response)
