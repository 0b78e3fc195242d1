"""What pages of other services are opened by, of who is signed in here.

`/masuk/laporan`: for the dashboard's page.
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from shared.web.pages.forms import check_site, fields_of, proof_of
from shared.web.pages.report_tokens import LIFETIME, ReportTokens
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
