"""Parameters and checks that several of intake's routes share."""

from typing import Annotated

from fastapi import Depends, Header

from services.intake.conversation import Who
from services.intake.domain import Consultation
from shared.identity import Caller, Role, authorize
from shared.problems import Problem

CallerOf = Annotated[Caller, Depends(authorize)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="A repeated post carries the same key",
    ),
]

#: Roles that may see who asked, and notes among officers.
SEES_REQUESTER = frozenset({Role.OFFICER, Role.COORDINATOR, Role.DPMD, Role.ADMIN})


def side_of(caller: Caller) -> Who:
    """A front-end acts for requesters, who are never named; everybody else for the satgas."""
    return Who("requester") if caller.role is Role.FRONTEND else Who("officer", caller.key_id)


def check_territory(caller: Caller, consultation: Consultation) -> None:
    """An officer's key is for one kecamatan, and for what its satgas has now."""
    if not caller.may_see(consultation.kecamatan, satgas=consultation.satgas):
        raise Problem("forbidden", detail="This key is for another kecamatan.")


def etag_of(consultation: Consultation, caller: Caller) -> str:
    """The version, and the role, which decides what is shown of it."""
    return f'"{consultation.version}-{caller.role}"'
