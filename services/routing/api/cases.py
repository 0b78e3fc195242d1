"""Cases: whose they are, why, and until when."""

from typing import Annotated, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.routing.domain import Case
from services.routing.views import CaseView
from shared.http import TAGGED, IfNoneMatch, problems, tagged
from shared.identity import Caller, authorize
from shared.problems import Problem

CallerOf = Annotated[Caller, Depends(authorize)]


class Store(Protocol):
    async def get(self, id_: UUID) -> Case | None: ...


def add_cases(router: APIRouter, cases: Store) -> None:
    @router.get("/cases/{id}", responses=problems("not_found") | TAGGED)
    async def read_case(
        id: UUID, caller: CallerOf, response: Response, if_none_match: IfNoneMatch = None
    ) -> CaseView:
        """A case: whose it is, why, and until when."""
        case = await cases.get(id)
        if case is None:
            raise Problem("not_found")
        if not caller.may_see(case.kecamatan, satgas=case.satgas):
            raise Problem("forbidden", detail="This key is for another kecamatan.")
        return tagged(CaseView.of(case), f'"{case.version}"', if_none_match, response)
