"""The policy: deadlines, escalation, silence, and how cases are assigned."""

from collections.abc import Callable
from datetime import datetime
from typing import Self

from fastapi import APIRouter, Response
from pydantic import AwareDatetime

from services.routing.api.parameters import IfMatch, changed_meanwhile, number_in
from services.routing.domain.policy import Policy, PolicyBody
from services.routing.ports import Version
from services.routing.rules import Rules
from shared.audit.changes import written_down_first
from shared.errors import Conflict
from shared.times import local
from shared.web.app import TAGGED, WITH_BODY, IfNoneMatch, problems, tagged
from shared.web.auth import CallerOf


class PolicyView(Policy):
    """The policy in force, and who set it when; nobody where it is the one it came with."""

    set_by: str | None
    set_at: AwareDatetime | None

    @classmethod
    def of(cls, version: Version[Policy]) -> Self:
        at = local(version.at) if version.at else None
        return cls(**version.body.model_dump(), set_by=version.by, set_at=at)


def add_policy(router: APIRouter, rules: Rules, clock: Callable[[], datetime]) -> None:
    @router.get("/policy", responses=TAGGED)
    async def read_policy(
        caller: CallerOf, response: Response, if_none_match: IfNoneMatch = None
    ) -> PolicyView:
        """The policy for cases that are opened now; older ones keep theirs."""
        version = rules.policy_version
        return tagged(PolicyView.of(version), f'"{version.number}"', if_none_match, response)

    @router.put("/policy", responses=problems("changed_meanwhile", *WITH_BODY))
    @written_down_first
    async def put_policy(
        body: PolicyBody, caller: CallerOf, response: Response, if_match: IfMatch = None
    ) -> PolicyView:
        """Replace the policy, whole, for cases opened from now on."""
        after = number_in(if_match, rules.policy_version.number)
        try:
            version = await rules.set_policy(body, after=after, by=caller.key_id, at=clock())
        except Conflict as error:
            raise changed_meanwhile(error) from None
        response.headers["ETag"] = f'"{version.number}"'
        return PolicyView.of(version)
