"""The pages' routes, all open: who may do what, each says by itself."""

from fastapi import APIRouter

from services.intake.pages.access_elsewhere import add_dashboard_access, add_roster_access
from services.intake.pages.accounts import AccountSignIn, add_accounts
from services.intake.pages.follow import Following, add_follow
from services.intake.pages.handling import Handling, add_handling
from services.intake.pages.inbox import Inbox, add_inbox
from services.intake.pages.links import add_links
from services.intake.pages.sign_in import SigningIn, add_sign_in
from services.intake.pages.site import ASSETS
from services.intake.pages.submit import Submitting, add_submit
from shared.web.pages.report_tokens import ReportTokens
from shared.web.pages.roster_tokens import RosterTokens
from shared.web.pages.routes import page_router


def routes(
    following: Following,
    submitting: Submitting | None,
    inbox: Inbox,
    handling: Handling,
    signing_in: SigningIn,
    roster_tokens: RosterTokens,
    by_account: AccountSignIn | None = None,
    report_tokens: ReportTokens | None = None,
) -> APIRouter:
    """Without `submitting` there is no page to post with; without `by_account` people sign in by
    code alone, and without `report_tokens` the dashboard asks for a code of its own."""
    router = page_router()
    add_follow(router, following)
    add_links(router)
    add_sign_in(router, signing_in)
    if by_account is not None:
        add_accounts(router, by_account)
    if report_tokens is not None:
        add_dashboard_access(router, signing_in.sessions, report_tokens)
    add_roster_access(router, signing_in.sessions, roster_tokens)
    add_inbox(router, inbox)
    add_handling(router, handling)
    if submitting is not None:
        add_submit(router, submitting)
    router.include_router(ASSETS.routes())
    return router
