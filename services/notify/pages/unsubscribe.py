"""`/berhenti`: whoever gets a requester's e-mails stops them, with nothing but the link in them.

So an address that somebody else left is told of it once, and no more if its owner likes
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

#: The field of the form by which messages are wanted again.
RESUME = "lanjut"

_WRONG = Text(
    "Tautan ini tidak lengkap. Buka kembali dari surel kami, atau minta DPMD menghentikannya.",
    "This link is not complete. Open it from our e-mail again, or ask DPMD to stop them.",
)


def routes(opt_outs: OptOuts) -> APIRouter:
    router = page_router()

    @router.get(PAGE)
    async def unsubscribe_page(request: Request, izin: str = "") -> Response:
        """Asks whether the e-mails are to stop."""
        _known(opt_outs, izin)
        return PAGES.page("unsubscribe", request, token=izin, done="")

    @router.post(PAGE)
    async def unsubscribe(request: Request, izin: str = "") -> Response:
        """Stops them, or has them sent again; repeated, it is the same. It needs no proof of a
        session: who has the link may do either."""
        _known(opt_outs, izin)
        out = RESUME not in await fields_of(request)
        await opt_outs.put_by_token(izin, out=out)
        log.info("e-mails stopped" if out else "e-mails wanted again")
        return PAGES.page("unsubscribe", request, token=izin, done="out" if out else "in")

    router.include_router(ASSETS.routes())
    return router


def _known(opt_outs: OptOuts, token: str) -> None:
    """Raises `Problem`, `not_found`; the log says why, without the token."""
    try:
        opt_outs.check(token)
    except LinkRefused as error:
        log.info("link refused", extra={"reason": error.reason})
        raise Problem("not_found", detail=_WRONG) from None
