"""Cases: whose they are, why, and until when."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response

from services.routing.api.case_schemas import CaseView
from services.routing.domain.case import Case
from services.routing.ports import Cases
from services.routing.rules import Rules
from shared.reference import COMPLAINT
from shared.web.app import TAGGED, IfNoneMatch, problems, tagged
from shared.web.auth import ELSEWHERE, Caller, CallerOf
from shared.web.problems import LanguageOf, Problem


def add_cases(router: APIRouter, cases: Cases, rules: Rules, clock: Callable[[], datetime]) -> None:
    @router.get("/cases/{id}", responses=problems("not_found") | TAGGED)
    async def read_case(
        id: UUID,
        caller: CallerOf,
        response: Response,
        said: LanguageOf,
        if_none_match: IfNoneMatch = None,
    ) -> CaseView:
        """A case: whose it is, why, and until when."""
        case = await cases.get(id)
        if case is None:
            raise Problem("not_found")
        check_sight(caller, case)
        policy = rules.policy_of(case.policy_version)
        view = CaseView.of(case, policy, rules.calendar, clock(), said)
        # a clock that runs out changes what is shown, and not the case's version
        states = "-".join(one.state for one in view.clocks)
        etag = f'"{case.version}-{rules.calendar.version}-{states}-{said}"'
        return tagged(view, etag, if_none_match, response)


def check_sight(caller: Caller, case: Case) -> None:
    """A key for one kecamatan sees its own cases and those its satgas has.

    Of a complaint only the latter: it may be about the kecamatan, which is not to learn of it.
    """
    if case.kind == COMPLAINT:
        if not caller.may_see(case.satgas or ""):
            raise Problem("not_found")
    elif not caller.may_see(case.kecamatan, satgas=case.satgas):
        raise Problem("forbidden", detail=ELSEWHERE)
