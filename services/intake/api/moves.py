"""What officers and requesters do about a consultation: one route a move."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response

from services.intake.api.consultation_schemas import ConsultationView
from services.intake.api.parameters import (
    IdempotencyKey,
    check_sight,
    check_transfer,
    etag_of,
    side_of,
)
from services.intake.api.read import show
from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Erased, MoveKeyReused, Request, WrongTransfer
from services.intake.domain.lifecycle import ForbiddenMove, MoveName, NotTheirMove
from services.intake.domain.move_bodies import (
    Escalation,
    MoveBody,
    NewMessage,
    Rating,
    Rejection,
    Transfer,
)
from services.intake.domain.refusals import not_now, not_theirs
from services.intake.moves import Moves, NotFound, OtherVersion, move_key
from services.intake.ports import Reading
from shared.text.wording import Fault, Text
from shared.web.app import WITH_BODY, problems
from shared.web.auth import CallerOf
from shared.web.problems import LanguageOf, Problem

#: As `etag_of` makes them: version, role and language.
ETAG = r'"([0-9]{1,9})-[a-z]+(?:-[a-z]+)?"'
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        description="The ETag of the version that the move is meant for; 412 if it has changed",
    ),
]
_MOVES = problems(
    "malformed", "not_found", "forbidden_move", "erased", "changed_meanwhile", "key_reused"
)


class Mover:
    """The headers that every move may carry, and what becomes of it over HTTP."""

    def __init__(
        self,
        id: UUID,
        caller: CallerOf,
        response: Response,
        language: LanguageOf,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> None:
        self.id = id
        self.caller = caller
        self.response = response
        self.language = language
        self.key = idempotency_key
        self.version = _version(if_match)

    async def carry_out(
        self, moves: Moves, store: Reading, name: MoveName, body: MoveBody | None = None
    ) -> ConsultationView:
        """The consultation afterwards, as the caller may see it, under its new ETag."""

        def check(found: Consultation) -> None:
            check_sight(self.caller, found)
            if isinstance(body, Transfer):
                check_transfer(self.caller, found, body.to)

        request = Request(name, side_of(self.caller), body, move_key(self.caller.key_id, self.key))
        try:
            await moves.move(self.id, request, version=self.version, check=check)
        except NotFound:
            raise Problem("not_found") from None
        except Erased:
            raise Problem("erased") from None
        except NotTheirMove:
            raise Problem("forbidden", detail=not_theirs(name, request.who.actor)) from None
        except ForbiddenMove as error:
            raise Problem("forbidden_move", detail=not_now(error)) from None
        except WrongTransfer as error:
            wrong = Fault(f"/{error.field}", error.code, error.text)
            raise Problem("invalid", errors=[wrong]) from None
        except OtherVersion as error:
            why = Text("Muat ulang konsultasi lalu putuskan lagi.", f"{error}: read it again")
            raise Problem("changed_meanwhile", detail=why) from None
        except MoveKeyReused:
            why = Text("Pakai kunci baru untuk tindakan baru.", "Use a new key for a new move.")
            raise Problem("key_reused", detail=why) from None
        found = await store.latest(self.id)
        if found is None:
            raise Problem("not_found")
        self.response.headers["ETag"] = etag_of(found.consultation, self.caller, self.language)
        return show(
            found.consultation, found.private, self.caller, self.language, complete=found.complete
        )


MoverOf = Annotated[Mover, Depends()]


def add_moves(router: APIRouter, moves: Moves, store: Reading) -> None:
    """Each answers with the consultation afterwards; a repeated one with the same key likewise.

    Of a long one with the latest that was said and done: `complete` tells.
    """

    @router.post("/consultations/{id}/messages", responses=_MOVES | problems(*WITH_BODY))
    async def add_message(message: NewMessage, mover: MoverOf) -> ConsultationView:
        """Say something. Answers, questions and notes are the satgas's, replies the requester's."""
        return await mover.carry_out(moves, store, message.kind, message)

    @router.post("/consultations/{id}/acknowledge", responses=_MOVES)
    async def acknowledge_consultation(mover: MoverOf) -> ConsultationView:
        """The officer has seen it."""
        return await mover.carry_out(moves, store, "acknowledge")

    @router.post("/consultations/{id}/close", responses=_MOVES)
    async def close_consultation(mover: MoverOf) -> ConsultationView:
        """Settled: nothing more is to be done."""
        return await mover.carry_out(moves, store, "close")

    @router.post("/consultations/{id}/reopen", responses=_MOVES)
    async def reopen_consultation(mover: MoverOf) -> ConsultationView:
        """Not settled after all: the satgas has it again."""
        return await mover.carry_out(moves, store, "reopen")

    @router.post("/consultations/{id}/withdraw", responses=_MOVES)
    async def withdraw_consultation(mover: MoverOf) -> ConsultationView:
        """The requester no longer needs an answer."""
        return await mover.carry_out(moves, store, "withdraw")

    @router.post("/consultations/{id}/reject", responses=_MOVES | problems(*WITH_BODY))
    async def reject_consultation(rejection: Rejection, mover: MoverOf) -> ConsultationView:
        """The satgas will not answer it; the reason is told."""
        return await mover.carry_out(moves, store, "reject", rejection)

    @router.post("/consultations/{id}/transfer", responses=_MOVES | problems(*WITH_BODY))
    async def transfer_consultation(transfer: Transfer, mover: MoverOf) -> ConsultationView:
        """Ask that another satgas, or another officer, has it. Clock and history stay.

        It stays where it is until routing has given it to them; the timeline tells when. A
        complaint leaves a kecamatan for the DPMD desk only.
        """
        return await mover.carry_out(moves, store, "transfer", transfer)

    @router.post("/consultations/{id}/escalate", responses=_MOVES | problems(*WITH_BODY))
    async def escalate_consultation(escalation: Escalation, mover: MoverOf) -> ConsultationView:
        """Ask that the DPMD desk takes over what the satgas cannot settle."""
        return await mover.carry_out(moves, store, "escalate", escalation)

    @router.post("/consultations/{id}/rating", responses=_MOVES | problems(*WITH_BODY))
    async def rate_consultation(rating: Rating, mover: MoverOf) -> ConsultationView:
        """How well it was answered, 1 to 5, once; the comment stays with the satgas."""
        return await mover.carry_out(moves, store, "rate", rating)


def _version(if_match: str | None) -> int | None:
    """The version in an ETag of ours; 0, which no consultation has, for anything else."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.search(ETAG, if_match)
    return int(found[1]) if found else 0
