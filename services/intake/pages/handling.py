"""`/satgas/{id}`: one consultation, and what an officer does about it.

Each button is an operation of the API, with its rules, limits and audit; a decision is for the
version that was read, so that two officers never overwrite each other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from services.intake.api.consultation_schemas import ConsultationView
from services.intake.api.moves import Mover
from services.intake.api.parameters import check_sight, check_transfer
from services.intake.api.read import show
from services.intake.api.saved_replies import NewReply, save
from services.intake.domain.consultation import Consultation
from services.intake.domain.lifecycle import MoveName
from services.intake.domain.move_bodies import (
    Escalation,
    MoveBody,
    NewMessage,
    Rejection,
    Transfer,
)
from services.intake.moves import Moves
from services.intake.pages.sign_in import consultation_id, to_sign_in
from services.intake.pages.site import PAGES, unsent
from services.intake.ports import Reading, SavedReplies
from shared import reference
from shared.audit import trail
from shared.errors import StoreUnavailable
from shared.limits.buckets import TooMany
from shared.reference import DPMD, label, satgas_label
from shared.text.templating import Words
from shared.text.wording import Language
from shared.times import local_day
from shared.web.auth import let_in, reach
from shared.web.pages.forms import check_own, fields_of, proof_of
from shared.web.pages.page import language_of, until, when
from shared.web.pages.sessions import Session, Sessions
from shared.web.pages.signed_in import frame
from shared.web.permissions import Caller
from shared.web.problems import Problem, too_many, validated


@dataclass(frozen=True, slots=True)
class Step:
    """A button of the page: the move that it makes, and the operation of the API that does."""

    move: MoveName
    operation: str
    body: Callable[[Mapping[str, str]], dict[str, Any]] | None = None
    """What it comes with, of the fields of the form."""
    kind: type[MoveBody] | None = None


def _message(move: MoveName) -> Step:
    return Step(
        move,
        "add_message",
        lambda fields: {"kind": move, "body": fields.get("pesan", "")},
        NewMessage,
    )


def _reason(fields: Mapping[str, str]) -> dict[str, Any]:
    return {"reason": fields.get("alasan", "")}


def _transfer(fields: Mapping[str, str]) -> dict[str, Any]:
    officer = fields.get("petugas", "").strip()
    return {"to": fields.get("ke", ""), "officer": officer or None, **_reason(fields)}


#: Fields that are shown again where a move was refused.
TYPED = ("langkah", "pesan", "ke", "petugas", "alasan")

STEPS: Mapping[str, Step] = {
    "tanggapi": Step("acknowledge", "acknowledge_consultation"),
    "jawab": _message("answer"),
    "tanya": _message("question"),
    "catat": _message("note"),
    "selesai": Step("close", "close_consultation"),
    "buka": Step("reopen", "reopen_consultation"),
    "alihkan": Step("transfer", "transfer_consultation", _transfer, Transfer),
    "teruskan": Step("escalate", "escalate_consultation", _reason, Escalation),
    "tolak": Step("reject", "reject_consultation", _reason, Rejection),
}


#: Buttons beside the answer that change nothing of the consultation, and the operation of the API
#: that each of them is.
KEEP, INSERT, FORGET = "simpan", "sisip", "hapus"
OF_REPLIES: Mapping[str, str] = {
    KEEP: "save_reply",
    INSERT: "list_saved_replies",
    FORGET: "delete_saved_reply",
}


class Handling:
    def __init__(
        self,
        sessions: Sessions,
        moves: Moves,
        store: Reading,
        replies: SavedReplies,
        clock: Callable[[], datetime],
    ) -> None:
        self.sessions = sessions
        self._moves = moves
        self._store = store
        self._replies = replies
        self._clock = clock

    async def page(
        self,
        request: Request,
        session: Session,
        id_: UUID,
        fields: Mapping[str, str] | None = None,
        refused: Problem | None = None,
        done: str = "",
    ) -> Response:
        """Also where a move was `refused`: the consultation is shown, and the audit has it so.
        `done`: the name of the text that says what else was done."""
        caller = let_in(request, session.caller, "read_consultation")
        trail.saw([id_])
        kept = await self._store.get_with_private(id_)
        if kept is None:
            raise Problem("not_found")
        found, private = kept
        check_sight(caller, found)
        said, fields, now = language_of(request), fields or {}, self._clock()
        view = show(found, private, caller, said)
        if done and fields.get("versi") != str(found.version):
            # what was typed is for what is shown now, which is more than was read
            refused = Problem("changed_meanwhile")
        t = PAGES.texts(said)
        return PAGES.page(
            "handling",
            request,
            **frame(caller, proof_of(session.id), said),
            found=view,
            possible=frozenset(view.possible),
            due=found.first_answer_due,
            until=lambda at: until(at, now, said),
            is_late=lambda at: at <= now,
            # what was refused for a while may be sent again: it is the same move
            key=fields.get("kunci") or uuid4().hex,
            typed={name: fields.get(name, "") for name in TYPED},
            refused=_said(refused, view, t, said) if refused else "",
            done=t[done] if done else "",
            saved=await self._replies.of(caller.key_id),
            is_changed=refused is not None and refused.kind == "changed_meanwhile",
            at_fault=_at_fault(refused, t, said) if refused else "",
            satgas_choices=_satgas_choices(caller, found, now, said),
            reasons=lambda kind: _reasons(kind, said),
        )

    async def reply(
        self, request: Request, session: Session, id_: UUID, fields: Mapping[str, str]
    ) -> Response:
        """A button of the saved replies: the page again, with what was typed."""
        step, _, which = fields.get("langkah", "").partition("-")
        caller, typed = reach(session.caller, OF_REPLIES[step]), fields.get("pesan", "")
        refused = None
        if step == KEEP:
            try:
                text = validated(NewReply, {"body": typed})
                await save(self._replies, caller, text, self._clock())
            except Problem as problem:
                refused = problem
        elif step == FORGET:
            let_in(request, session.caller, OF_REPLIES[step])
            await trail.begin()
            await self._replies.remove(caller.key_id, which)
            await trail.end(204)
        else:
            chosen = [one.body for one in await self._replies.of(caller.key_id) if one.id == which]
            typed = "\n\n".join(filter(None, (typed.rstrip(), *chosen)))
        again = {**fields, "langkah": "jawab", "pesan": typed}
        return await self.page(request, session, id_, again, refused, f"did_{step}")

    async def move(
        self, request: Request, session: Session, id_: UUID, fields: Mapping[str, str]
    ) -> None:
        """Raises `Problem`, and `StoreUnavailable`."""
        step = STEPS.get(fields.get("langkah", ""))
        if step is None:
            raise Problem("malformed")
        caller = let_in(request, session.caller, step.operation)
        key, version = fields.get("kunci"), fields.get("versi", "")
        # a note is welcome whatever else happened; all else is for what was read
        seen = None if step.move == "note" else f'"{version}-{caller.role}"'
        # by its button, too: an answer is no repeated question
        repeated = f"{key[:64]}-{step.move}" if key else None
        mover = Mover(id_, caller, Response(), language_of(request), repeated, seen)
        try:
            await mover.carry_out(self._moves, self._store, step.move, _body(step, fields))
        except TooMany as error:
            raise too_many(error) from None


def _body(step: Step, fields: Mapping[str, str]) -> MoveBody | None:
    """Raises `Problem`, `invalid`."""
    if step.body is None or step.kind is None:
        return None
    return validated(step.kind, step.body(fields))


def _said(refused: Problem, view: ConsultationView, t: Words, said: Language) -> str:
    if refused.kind == "changed_meanwhile":
        return _latest(view, t, said)
    if refused.kind == "forbidden" and refused.detail:
        return refused.detail.said_in(said)
    return t[f"refused_{refused.kind}"]


def _at_fault(refused: Problem, t: Words, said: Language) -> str:
    """What to do; of a choice nothing about codes, which only a program sends."""
    if not refused.errors:
        return ""
    first = refused.errors[0]
    return t["choose_again"] if first.code == "unknown_code" else first.detail.said_in(said)


def _latest(view: ConsultationView, t: Words, said: Language) -> str:
    """Who has done what since: `petugas-1: Dijawab, 24 November 2026, 10.32 WITA.`"""
    said_last = [(one.at, one.by, one.actor, one.kind_name) for one in view.messages[-1:]]
    done_last = [(one.at, one.by, one.actor, one.what_name) for one in view.timeline[-1:]]
    at, by, actor, what = max(said_last + done_last, key=lambda one: one[0])
    name = by or t[f"did_{actor or 'system'}"]
    return t["meanwhile"].format(who=name, what=what, when=when(at, said))


def _satgas_choices(
    caller: Caller, found: Consultation, now: datetime, said: Language
) -> Sequence[tuple[str, str]]:
    """To whom it may be transferred, with its name; the one that has it for another officer."""
    today = local_day(now)
    codes = [
        one.code
        for one in reference.regions().values()
        if one.type == "kecamatan" and one.active(today)
    ]
    choices = []
    for code in (DPMD, *codes):
        try:
            check_transfer(caller, found, code)
        except Problem:
            continue
        choices.append((code, satgas_label(code, said)))
    return sorted(choices, key=lambda one: (one[0] != DPMD, one[1]))


def _reasons(kind: str, said: Language) -> Sequence[tuple[str, str]]:
    bodies: Mapping[str, type[BaseModel]]
    bodies = {"transfer": Transfer, "escalate": Escalation, "reject": Rejection}
    codes = get_args(bodies[kind].model_fields["reason"].annotation)
    return [(code, label("reasons", code, said)) for code in codes]


def add_handling(router: APIRouter, handling: Handling) -> None:
    @router.get("/satgas/{id}")
    async def handling_page(request: Request, id: str) -> Response:
        """The consultation, to whom the API would show it."""
        id_ = consultation_id(id)
        session = await handling.sessions.of(request)
        if session is None:
            return await to_sign_in(request)
        answer = await handling.page(request, session, id_)
        return handling.sessions.keep(answer, request, session)

    @router.post("/satgas/{id}")
    async def handling_move(request: Request, id: str) -> Response:
        """A button of the page. A repeated one, by its key, is carried out once."""
        id_, fields = consultation_id(id), await fields_of(request)
        session = await handling.sessions.of(request)
        if session is None:
            return unsent(request, fields, "session_over", 403)
        try:
            check_own(request, session.id, fields)
        except Problem:  # of another tab, where somebody has signed in since
            return unsent(request, fields, "unsent_other_session", 403)
        try:
            try:
                if fields.get("langkah", "").partition("-")[0] in OF_REPLIES:
                    answer = await handling.reply(request, session, id_, fields)
                    return handling.sessions.keep(answer, request, session)
                await handling.move(request, session, id_, fields)
            except Problem as problem:
                answer = await handling.page(request, session, id_, fields, problem)
            else:
                answer = RedirectResponse(f"/satgas/{id_}#percakapan", status_code=303)
        except Problem as problem:  # nor may it be seen any more
            answer = unsent(request, fields, "unsent_elsewhere", problem.status)
        except StoreUnavailable:
            return unsent(request, fields, "unsent_unavailable", 503)
        return handling.sessions.keep(answer, request, session)
