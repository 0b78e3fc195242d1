"""Requesters who want no more messages, and told an office so."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, ValidationInfo

from services.notify.domain.recipients import Address
from services.notify.ports import OptOuts
from shared.audit.changes import written_down_first
from shared.text import contacts
from shared.web.app import WITH_BODY, problems
from shared.web.auth import CallerOf


def _as_meant(address: str, info: ValidationInfo) -> str:
    """Any number may be opted out, of a mobile or not."""
    channel = info.data.get("channel")
    kind = "phone" if channel == "whatsapp" else channel
    return contacts.canonical(kind, address) if kind else address


class OptOutBody(BaseModel):
    """Whose, by which channel, and whether messages are unwanted."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    channel: Literal["email", "whatsapp", "telegram"]
    address: Annotated[str, Field(min_length=3, max_length=200), AfterValidator(_as_meant)]
    """As it was given with the consultation, or another way to write the same. Only a keyed hash is
    kept."""
    opted_out: StrictBool
    """False: messages are wanted again."""


def add_opt_outs(router: APIRouter, opt_outs: OptOuts) -> None:
    @router.put("/opt-outs", status_code=204, responses=problems(*WITH_BODY))
    @written_down_first
    async def put_opt_out(body: OptOutBody, caller: CallerOf) -> None:
        """Tell a requester nothing more by this channel, or tell again. Repeated, it is the same.

        What is not sent for it shows as `suppressed`, `opted_out`.
        """
        await opt_outs.put(Address(body.channel, body.address), out=body.opted_out)
