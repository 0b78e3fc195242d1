"""The stream's HTTP route."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from services.reporting.domain.feed import Position
from services.reporting.live.hub import Hub
from services.reporting.live.sse import (
    HEARTBEAT_SECONDS,
    MEDIA_TYPE,
    WRITE_TIMEOUT_SECONDS,
    EventStream,
)
from shared.web.app import GUARDED, problems
from shared.web.auth import CallerOf, is_still

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="The id of the last event that was read"),
]
#: Says that somebody was here before, and nothing of how far they came.
_UNKNOWN = Position(0, 0)


def routes(
    hub: Hub,
    *,
    heartbeat: float = HEARTBEAT_SECONDS,
    write_timeout: float = WRITE_TIMEOUT_SECONDS,
) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))

    @router.get(
        "/reports/stream",
        response_class=Response,
        responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
    )
    async def stream_changes(
        caller: CallerOf, request: Request, last_event_id: LastEventId = None
    ) -> EventStream:
        """Server-sent events of figures that changed, as they do.

        - `changed`: `{as_of, rows}`, the figures of each day and kecamatan that changed, as rows of
          a report by `day,kecamatan`. A row may come again.
        - `reset`: more changed than can be told, or what changed is no longer known: read the
          reports anew.
        - `ready`: all that was missed is told.

        A comment comes after 15 s of silence. A connection lasts for 15 min, and ends at once where
        events are not read; come back with `Last-Event-ID`, which any replica understands. With a
        key that is revoked it ends at the next comment.
        """
        last = None if last_event_id is None else Position.read(last_event_id) or _UNKNOWN
        client = await hub.join(last)
        return EventStream(
            client,
            lambda: is_still(caller, request),
            heartbeat=heartbeat,
            write_timeout=write_timeout,
        )

    return router
