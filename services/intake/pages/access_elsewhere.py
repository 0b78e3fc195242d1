"""What pages of other services are opened by, of who is signed in here.

`/masuk/laporan`: for the dashboard's page, reporting's; `/masuk/petugas`: for that of rosters,
routing's.
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.intake.pages.sign_in import ask_to_sign_in, own_target
from shared.web.pages.forms import check_site, fields_of, proof_of
from shared.web.pages.report_tokens import LIFETIME, ReportTokens
from shared.web.pages.roster_tokens import GIVEN_AT, PAGE, RosterTokens, Visitor
from shared.web.pages.sessions import Sessions
from shared.web.pages.signed_in import REPORTS_OPERATION
from shared.web.permissions import ACCESS


def add_dashboard_access(router: APIRouter, sessions: Sessions, tokens: ReportTokens) -> None:
    @router.post("/masuk/laporan")
    async def dashboard_access(request: Request) -> Response:
        """A token for reporting, for some minutes; none where the role reads no reports. Nothing at
        all without a session."""
        check_site(request)
        fields = await fields_of(request)
        session = await sessions.of(request)
        if session is None:
            return Response(status_code=204)
        may = session.caller.role in ACCESS[REPORTS_OPERATION]
        answer = JSONResponse(
            {
                "token": tokens.issue(session.caller).text if may else None,
                "seconds": int(LIFETIME.total_seconds()),
                "name": session.caller.key_id,
                # for the form that signs out
                "proof": proof_of(session.id),
            }
        )
        # the page asks by itself; whether a person used it since it last did, it says
        if fields.get("dipakai"):
            sessions.renew(answer, request, session)
        return answer


def add_roster_access(router: APIRouter, sessions: Sessions, tokens: RosterTokens) -> None:
    @router.api_route(GIVEN_AT, methods=["GET", "POST"])
    async def roster_access(request: Request, ke: str = "") -> Response:
        """On to the page with what opens it, for some minutes. A form that was filled in for longer
        comes by here, and is sent on as it is."""
        is_form = request.method == "POST"
        if is_form:
            check_site(request)
        target = own_target(ke) or PAGE
        session = await sessions.of(request)
        if session is None:
            return await ask_to_sign_in(request, target)
        answer = RedirectResponse(target, status_code=307 if is_form else 303)
        tokens.give(answer, request, Visitor(session.caller, proof_of(session.id)))
        return sessions.keep(answer, request, session)
