"""`/berhenti`: whoever gets a requester's e-mails stops them, with nothing but the link in them.

So an address that somebody else left is told no more of it as soon as its owner likes
(docs/decisions/0068). GET changes nothing, since mail servers look at links; POST does, by the
page's button or by that of a mail program (RFC 8058), whose provider sends it.
"""

import logging

from fastapi import APIRouter, Request, Response

from services.notify.pages.site import ASSETS, PAGE, PAGES
from services.notify.ports import OptOuts
from shared.keys.link_tokens import LinkRefused
from shared.text.wording import Text
from shared.web.pages.forms import fields_of
from shared.web.pages.routes import page_router
from shared.web.problems import Problem

log = logging.getLogger(__name__)

#: The field of the form by which e-mails are wanted again.
RESUME = "lanjut"

_WRONG = Text(
    "Tautan ini tidak lengkap atau tidak berlaku lagi. Buka dari surel terbaru kami, atau minta "
    "Tim Klik Desa DPMD menghentikan surel ke alamat ini.",
    "This link is incomplete or no longer valid. Open it from our latest e-mail, or ask the Klik "
    "Desa team of DPMD to stop e-mails to this address.",
)


def routes(opt_outs: OptOuts) -> APIRouter:
    router = page_router()

    @router.get(PAGE)
    async def unsubscribe_page(request: Request, izin: str = "") -> Response:
        """Whether e-mails are sent to the address, and the button to change that."""
        try:
            is_out = await opt_outs.is_out(izin)
        except LinkRefused as error:
            raise _refused(error) from None
        return _shown(request, izin, is_out=is_out, is_new=False)

    @router.post(PAGE)
    async def unsubscribe(request: Request, izin: str = "") -> Response:
        """Stops them, or has them sent again; repeated, it is the same. It needs no proof of a
        session: who has the link may do either."""
        out = RESUME not in await fields_of(request)
        try:
            await opt_outs.put_by_token(izin, out=out)
        except LinkRefused as error:
            raise _refused(error) from None
        log.info("e-mails stopped" if out else "e-mails wanted again")
        return _shown(request, izin, is_out=out, is_new=True)

    router.include_router(ASSETS.routes())
    return router


def _shown(request: Request, token: str, *, is_out: bool, is_new: bool) -> Response:
    return PAGES.page("unsubscribe", request, token=token, is_out=is_out, is_new=is_new)


def _refused(error: LinkRefused) -> Problem:
    """The log says why, without the token."""
    log.info("link refused", extra={"reason": error.reason})
    return Problem("not_found", detail=_WRONG)
