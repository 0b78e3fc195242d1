"""What links in alerts to officers and programs open.

services/notify/messages/context.py makes the links. An officer's lead on to the pages of the
satgas, which ask who comes.
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.pages.sign_in import consultation_id
from services.intake.pages.site import PAGES


def add_links(router: APIRouter) -> None:
    @router.get("/konsultasi")
    async def officer_page(request: Request) -> Response:
        """To the inbox."""
        return RedirectResponse("/satgas", status_code=303)

    @router.get("/konsultasi/{id}")
    async def officer_page_of(request: Request, id: str) -> Response:
        """To the consultation; whether there is one of that id is not said here."""
        return RedirectResponse(f"/satgas/{consultation_id(id)}", status_code=303)

    @router.get("/webhook")
    async def webhook_page(request: Request) -> Response:
        """What to do about a webhook that was paused."""
        return PAGES.page("webhook", request)
