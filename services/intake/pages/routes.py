"""The pages' routes, all open: who may do what, each says by itself."""

from fastapi import APIRouter

from services.intake.pages.follow import add_follow
from services.intake.pages.links import add_links
from services.intake.pages.site import ASSETS
from services.intake.tracking import Tracking


def routes(tracking: Tracking) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    add_follow(router, tracking)
    add_links(router)
    router.include_router(ASSETS.routes())
    return router
