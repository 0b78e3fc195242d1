"""The stream's HTTP route."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.reporting.domain.feed import Position
from services.reporting.live.hub import Client, Hub
from services.reporting.live.sse import (
    CONNECTION_SECONDS,
    HEARTBEAT_SECONDS,
    MEDIA_TYPE,
    WRITE_TIMEOUT_SECONDS,
    EventStream,
)
from services.reporting.live.tokens import StreamTokens
from shared.web.app import GUARDED, problems
from shared.web.auth import Caller, CallerOf, Scope, is_still
from shared.web.pages.caller_tokens import LONGEST_CHARACTERS

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="The id of the last event that was read"),
]
InAddress = Annotated[
    str | None,
    Query(
        max_length=LONGEST_CHARACTERS,
        description="A token of `POST /v1/reports/stream-token`, in place of `Authorization`",
    ),
]
LastInAddress = Annotated[
    str | None,
    Query(description="As the header, for a browser's EventSource that is made anew"),
]
#: Says that somebody was here before, and nothing of how far they came.
_UNKNOWN = Position(0, 0)


class StreamTokenView(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    token: str
    """For the stream's address: `/v1/reports/stream?token=…`. Opens it as who asked for it."""
    expires_at: AwareDatetime
    """Until then the stream is to be opened; what was opened goes on."""


def routes(
    hub: Hub,
    tokens: StreamTokens,
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
        caller: CallerOf,
        request: Request,
        last_event_id: LastEventId = None,
        token: InAddress = None,
        last_event: LastInAddress = None,
    ) -> EventStream:
        """Server-sent events of figures that changed, as they do.

        - `changed`: `{as_of, rows}`, the figures of each day and kecamatan that changed, as rows of
          a report by `day,kecamatan`. A row may come again.
        - `reset`: more changed than can be told, or what changed is no longer known: read the
          reports anew.
        - `ready`: all that was missed is told.

        A comment comes after 15 s of silence. A connection lasts for 15 min, and ends at once where
        events are not read; come back with `Last-Event-ID`, which any replica understands. With a
        key that is revoked it ends at the next comment, with a token of the issuer when that ends.

        Who sees one kecamatan alone is told `reset` where a figure of it is another one, and no
        rows.

        A browser's EventSource sends no key: it takes a token in the address, and `last_event`
        where it is made anew with another one.
        """
        told = last_event_id if last_event_id is not None else last_event
        if caller.scope is not Scope.ALL:
            client = await hub.join_of(str(caller.territory), told)
            return stream_to(client, caller, request)
        last = None if told is None else Position.read(told) or _UNKNOWN
        return stream_to(await hub.join(last), caller, request)

    def stream_to(client: Client, caller: Caller, request: Request) -> EventStream:
        return EventStream(
            client,
            lambda: is_still(caller, request),
            seconds=hub.seconds_until(caller.until) if caller.until else CONNECTION_SECONDS,
            heartbeat=heartbeat,
            write_timeout=write_timeout,
        )

    @router.post("/reports/stream-token")
    async def create_stream_token(caller: CallerOf) -> StreamTokenView:
        """A token that opens the stream for whoever is calling, once or again, within a minute.

        For a browser's EventSource, which can send no key. It is of this one stream, and of no use
        anywhere else; where the key is revoked it ends with it.
        """
        made = tokens.issue(caller)
        return StreamTokenView(token=made.text, expires_at=made.expires_at)

    return router
