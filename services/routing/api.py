"""routing's HTTP routes."""

from typing import Annotated, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, BaseModel

from services.routing.domain import Case
from shared.events import AssignmentReason
from shared.http import GUARDED, TAGGED, IfNoneMatch, problems, tagged
from shared.identity import Caller, authorize
from shared.problems import Problem
from shared.times import local


class Store(Protocol):
    async def get(self, id_: UUID) -> Case | None: ...


class CaseView(BaseModel):
    """A case with the reason for what was decided about it."""

    id: str
    version: int
    state: str
    kecamatan: str
    desa: str
    topic: str
    kind: str
    opened_at: AwareDatetime
    satgas: str | None
    officer: str | None
    level: str | None
    reason: AssignmentReason | None
    held_because: str | None

    @classmethod
    def of(cls, case: Case) -> "CaseView":
        return cls(
            id=str(case.id),
            version=case.version,
            state=case.state,
            kecamatan=case.kecamatan,
            desa=case.desa,
            topic=case.topic,
            kind=case.kind,
            opened_at=local(case.opened_at),
            satgas=case.satgas,
            officer=case.officer,
            level=case.level,
            reason=case.reason,
            held_because=case.held_because,
        )


def routes(cases: Store) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))

    @router.get("/cases/{id}", responses=problems("not_found") | TAGGED)
    async def read_case(
        id: UUID,
        caller: Annotated[Caller, Depends(authorize)],
        response: Response,
        if_none_match: IfNoneMatch = None,
    ) -> CaseView:
        """A case: whose it is, and why."""
        case = await cases.get(id)
        if case is None:
            raise Problem("not_found")
        return tagged(CaseView.of(case), f'"{case.version}"', if_none_match, response)

    return router
