"""Requesters who want no more messages, said through a front-end."""

from datetime import datetime
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, StrictBool

from services.notify.directory import Way
from services.notify.views import Address
from shared.http import WITH_BODY, problems
from shared.identity import Caller, authorize

CallerOf = Annotated[Caller, Depends(authorize)]


class OptOutBody(BaseModel):
    """Whose, by which channel, and whether messages are unwanted."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    channel: Literal["email", "whatsapp", "telegram"]
    address: Address
    """As it was given with the consultation; a number in any form. Only a keyed hash is kept."""
    opted_out: StrictBool
    """False: messages are wanted again."""


class Store(Protocol):
    async def put(self, way: Way, *, out: bool, at: datetime | None = None) -> None: ...


def add_opt_outs(router: APIRouter, opt_outs: Store) -> None:
    @router.put("/opt-outs", status_code=204, responses=problems(*WITH_BODY))
    async def put_opt_out(body: OptOutBody, caller: CallerOf) -> None:
        """Tell a requester nothing more by this channel, or tell again. Repeated, it is the same.

        What is not sent for it shows as `suppressed`, `opted_out`.
        """
        await opt_outs.put(Way(body.channel, body.address), out=body.opted_out)
