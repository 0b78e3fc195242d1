"""The pages' routes, all open: who may do what, each says by itself."""

from fastapi import APIRouter

from services.intake.pages.follow import Following, add_follow
from services.intake.pages.handling import Handling, add_handling
from services.intake.pages.inbox import Inbox, add_inbox
from services.intake.pages.links import add_links
from services.intake.pages.sign_in import add_sign_in
from services.intake.pages.site import ASSETS
from services.intake.pages.submit import Submitting, add_submit


def routes(
    following: Following, submitting: Submitting | None, inbox: Inbox, handling: Handling
) -> APIRouter:
    """Without `submitting` there is no page to post with."""
    router = APIRouter(include_in_schema=False)
    add_follow(router, following)
    add_links(router)
    add_sign_in(router, inbox.sessions)
    add_inbox(router, inbox)
    add_handling(router, handling)
    if submitting is not None:
        add_submit(router, submitting)
    router.include_router(ASSETS.routes())
    return router
