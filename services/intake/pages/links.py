"""Plain pages: what links in alerts to officers and programs open.

services/notify/messages/context.py makes the links. Nobody needs a key for the pages; they show
what their address says.
"""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.intake.pages.site import PAGES


def add_links(router: APIRouter) -> None:
    @router.get("/konsultasi")
    async def officer_page(request: Request) -> Response:
        """How officers come to their consultations."""
        return PAGES.page("officer", request, id=None)

    @router.get("/konsultasi/{id}")
    async def officer_page_of(request: Request, id: str) -> Response:
        """The same for one; whether there is one of that id is not said."""
        return PAGES.page("officer", request, id=_id(id))

    @router.get("/webhook")
    async def webhook_page(request: Request) -> Response:
        """What to do about a webhook that was paused."""
        return PAGES.page("webhook", request)


def _id(given: str) -> str | None:
    try:
        return str(UUID(given))
    except ValueError:
        return None
