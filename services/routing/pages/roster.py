"""`/petugas`: a satgas's roster, and what its coordinator changes of it.

Each form is for one officer and carries the edition that was read, so that two coordinators never
overwrite each other. What is done is `put_satgas` of the API, with its rules and audit.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.routing.api.satgas import find_satgas, replace_roster
from services.routing.api.satgas_schemas import SatgasView
from services.routing.domain.roster import Satgas
from services.routing.pages.roster_form import (
    GROUPS,
    MOST_FIELDS,
    REMOVE,
    Typed,
    roster_of,
    topic_groups,
)
from services.routing.pages.site import ASSETS, PAGES
from services.routing.ports import Rosters
from shared.audit import trail
from shared.reference import DPMD, label, satgas_label
from shared.text.templating import Words
from shared.text.wording import Fault, Language
from shared.web.auth import let_in, reach
from shared.web.pages.forms import check_proof, fields_of
from shared.web.pages.page import day, language_of
from shared.web.pages.roster_tokens import GIVEN_AT, PAGE, RosterTokens, Visitor
from shared.web.pages.routes import page_router
from shared.web.pages.signed_in import ROSTER_OPERATION, frame
from shared.web.permissions import Caller
from shared.web.problems import Problem

_CODE = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}|dpmd")
#: By the first part of a fault's pointer, the name of the text of its field.
_FIELDS: Mapping[str, str] = {
    "code": "officer_code",
    "capacity": "capacity",
    "topics": "topics",
    "leave": "leave",
}
NOBODY = "nobody_left"


class RosterPage:
    def __init__(self, rosters: Rosters, visitors: RosterTokens, today: Callable[[], date]) -> None:
        self._rosters = rosters
        self._visitors = visitors
        self._today = today

    def visitor(self, request: Request) -> Visitor | Response:
        """Who comes; else where to go for leave to come in."""
        try:
            found = self._visitors.of(request)
        except Problem:
            # not back to this page: what intake gave does not hold here
            answer = RedirectResponse("/masuk", status_code=303)
            self._visitors.end(answer)
            return answer
        if found is None:
            query = f"?{request.url.query}" if request.url.query else ""
            there = f"{GIVEN_AT}?ke={quote(f'{request.url.path}{query}', safe='')}"
            # a form is sent on with what was typed
            status = 307 if request.method == "POST" else 303
            return RedirectResponse(there, status_code=status)
        return found

    async def page(
        self,
        request: Request,
        visitor: Visitor,
        code: str,
        typed: Typed | None = None,
        refused: Problem | None = None,
    ) -> Response:
        """`typed`: what was not taken, and `refused`: why."""
        caller = reach(visitor.caller, ROSTER_OPERATION)
        said, today = language_of(request), self._today()
        satgas = await find_satgas(self._rosters, code, caller)
        t = PAGES.texts(said)
        faults = refused.errors if refused else ()
        groups = topic_groups(today, said)
        listed = {one.code for one in groups} | {code for one in groups for code, _ in one.topics}
        return PAGES.page(
            "roster",
            request,
            status=refused.status if refused else 200,
            **frame(caller, visitor.proof, said),
            view=SatgasView.of(satgas, today),
            named=satgas_label(code, said),
            forms=_forms(satgas, typed),
            typed=typed,
            saved=request.query_params.get("tersimpan", ""),
            is_removed="dikeluarkan" in request.query_params,
            refused=t[f"refused_{refused.kind}"] if refused else "",
            faults=[_said(one, t, said) for one in faults if one.code != NOBODY],
            is_nobody_left=any(one.code == NOBODY for one in faults),
            groups=groups,
            # of one that is retired, or the only one of its group: nothing is dropped unseen
            unlisted=lambda form: sorted(form.topics - listed),
            topic_name=lambda topic: _topic_name(topic, t, said),
            day=lambda on: day(on, said),
            choices=await self._choices(caller, said),
        )

    async def change(
        self, request: Request, visitor: Visitor, code: str, fields: Mapping[str, str], typed: Typed
    ) -> None:
        """Raises `Problem`."""
        caller = let_in(request, visitor.caller, ROSTER_OPERATION)
        satgas = await find_satgas(self._rosters, code, caller)
        roster = roster_of(satgas, typed)
        edition = fields.get("versi", "")
        await trail.begin()
        await replace_roster(
            self._rosters,
            code,
            roster,
            caller,
            self._today(),
            # 0, which no roster has
            int(edition) if re.fullmatch(r"[0-9]{1,9}", edition) else 0,
            accept_nobody="walau" in fields,
        )

    async def _choices(self, caller: Caller, said: Language) -> list[tuple[str, str]]:
        """The satgas that there are, for who may see more than one."""
        if caller.territory:
            return []
        codes = [one.code for one in await self._rosters.all()]
        return [(code, satgas_label(code, said)) for code in codes]


def routes(rosters: Rosters, visitors: RosterTokens, today: Callable[[], date]) -> APIRouter:
    router, pages = page_router(), RosterPage(rosters, visitors, today)

    @router.get(PAGE)
    async def roster_page(request: Request, satgas: str = "") -> Response:
        """To the roster of the own satgas, or the one that is asked for."""
        visitor = pages.visitor(request)
        if isinstance(visitor, Response):
            return visitor
        own = reach(visitor.caller, ROSTER_OPERATION).territory or DPMD
        return RedirectResponse(
            f"{PAGE}/{satgas if _CODE.fullmatch(satgas) else own}", status_code=303
        )

    @router.get(f"{PAGE}/{{satgas}}")
    async def roster_page_of(request: Request, satgas: str) -> Response:
        visitor = pages.visitor(request)
        if isinstance(visitor, Response):
            return visitor
        return await pages.page(request, visitor, _known(satgas))

    @router.post(f"{PAGE}/{{satgas}}")
    async def roster_change(request: Request, satgas: str) -> Response:
        """One officer as the form says, one more or one less; or why not."""
        code = _known(satgas)
        visitor = pages.visitor(request)
        if isinstance(visitor, Response):
            return visitor
        fields = await fields_of(request, MOST_FIELDS)
        check_proof(request, visitor.proof, fields)
        typed = Typed.sent(fields)
        try:
            await pages.change(request, visitor, code, fields, typed)
        except Problem as problem:
            if problem.kind not in ("invalid", "changed_meanwhile"):
                raise
            return await pages.page(request, visitor, code, typed, problem)
        saved = f"tersimpan={quote(typed.code, safe='')}"
        done = "dikeluarkan=ya" if typed.step == REMOVE else saved
        return RedirectResponse(f"{PAGE}/{code}?{done}", status_code=303)

    router.include_router(ASSETS.routes())
    return router


def _known(code: str) -> str:
    """Raises `Problem`, `not_found`."""
    if not _CODE.fullmatch(code):
        raise Problem("not_found")
    return code


def _forms(satgas: Satgas, typed: Typed | None) -> Mapping[str, Typed]:
    """By officer."""
    kept = {one.code: Typed.kept(one) for one in satgas.officers}
    if typed is None or typed.step or typed.code not in kept:
        return kept
    return kept | {typed.code: typed}


def _said(fault: Fault, t: Words, said: Language) -> str:
    """`Kapasitas: …`; of what is no field of the form, the fault alone."""
    parts = fault.pointer.split("/")
    name = next((t[_FIELDS[one]] for one in parts if one in _FIELDS), "")
    # not the pattern that it is to fit, nor its length
    is_form = fault.pointer == "/code"
    detail = t["officer_code_form"] if is_form else fault.detail.said_in(said)
    return f"{name}: {detail}" if name else detail


def _topic_name(topic: str, t: Words, said: Language) -> str:
    """Of a topic or of a group."""
    return t[f"group_{topic}"] if topic in GROUPS else label("topics", topic, said)
