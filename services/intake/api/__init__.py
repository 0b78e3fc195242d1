"""intake's HTTP routes: requests in, decisions asked for, answers out."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Depends

from services.intake.acceptance import Acceptance
from services.intake.api.erase import add_erasure
from services.intake.api.moves import add_moves
from services.intake.api.read import add_codes, add_reads, add_tracking
from services.intake.api.saved_replies import add_saved_replies
from services.intake.api.submit import add_posts
from services.intake.erasure import Erasure
from services.intake.link_tokens import LinkTokens
from services.intake.moves import Moves
from services.intake.ports import Reading, SavedReplies
from services.intake.requester_tokens import RequesterTokens
from services.intake.tracking import LinkRequests, Tracking
from shared.web.app import GUARDED, problems
from shared.web.unknown_parameters import only_known


def routes(
    acceptance: Acceptance,
    moves: Moves,
    store: Reading,
    tracking: Tracking,
    tokens: RequesterTokens,
    links: LinkTokens,
    link_requests: LinkRequests,
    erasure: Erasure,
    replies: SavedReplies,
    clock: Callable[[], datetime],
) -> APIRouter:
    guarded = APIRouter(prefix="/v1", responses=problems(*GUARDED))
    add_posts(guarded, acceptance, tokens)
    add_reads(guarded, store, links)
    add_moves(guarded, moves, store)
    add_erasure(guarded, erasure)
    add_saved_replies(guarded, replies, clock)
    public = APIRouter(
        prefix="/v1",
        responses=problems("not_found", "invalid", "unavailable"),
        dependencies=[Depends(only_known)],
    )
    add_tracking(public, tracking, tokens, link_requests)
    add_codes(public)
    both = APIRouter()
    for router in (guarded, public):
        both.include_router(router)
    return both
