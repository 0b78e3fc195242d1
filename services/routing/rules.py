"""The rules in force: policy and calendar, as the regency set them last.

They start as the files in `data/` say. Every edit is a version of its own, which is kept: a case
goes by the policy that it was opened under. Replicas look for new versions every few seconds.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.routing.data.calendar import Sources, build_calendar, last_year
from services.routing.domain.calendar_rules import LocalCalendar
from services.routing.domain.policy import Policy, PolicyBody
from services.routing.ports import RuleVersions, Version
from shared import metrics
from shared.calendar import Calendar
from shared.errors import Conflict
from shared.times import utc_now

log = logging.getLogger(__name__)


class Rules:
    """What is in force now, to be asked without waiting; `refresh` and the edits change it."""

    def __init__(
        self,
        store: RuleVersions,
        policy: Policy,
        local: LocalCalendar,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`policy`, `local`: the files', in force until somebody sets others."""
        self._store = store
        self._clock = clock
        self._policies: dict[str, Policy] = {policy.version: policy}
        self._set_policy(Version(0, policy))
        self._set_local(Version(0, local))

    def _set_policy(self, version: Version[Policy]) -> None:
        self.policy_version = version
        self.policy = version.body
        self._policies[version.body.version] = version.body

    def _set_local(self, version: Version[LocalCalendar]) -> None:
        self.local_version = version
        self.last_year = last_year(self._clock())
        self.calendar, self.sources = build_calendar(version.body, self.last_year)
        self._say_how_far()

    last_year: int
    """Of the calendar: it is built anew with every year that passes."""
    calendar: Calendar
    sources: Sources

    def _say_how_far(self) -> None:
        until = self.sources.complete_until
        metrics.CALENDAR_UNTIL.labels("days").set(self.last_year)
        metrics.CALENDAR_UNTIL.labels("feasts").set(until)
        metrics.CALENDAR_UNTIL.labels("decree").set(self.sources.decreed_until)
        if until < self.last_year:
            # nine years before the first deadline that would be wrong
            log.warning("feasts are not known after a year", extra={"year": until})

    def policy_of(self, version: str | None) -> Policy:
        """The policy that a case goes by; today's where that one is not known any more."""
        return self._policies.get(version or "", self.policy)

    async def prepare(self) -> None:
        """Keep the file's policy, for the cases opened under it, and read what was set."""
        known = {one.body["version"] for one in await self._store.versions("policy")}
        if self.policy.version not in known:
            await self._store.add("policy", Version(0, _plain(self.policy)))
        await self.refresh()

    async def refresh(self) -> None:
        """Take over what other replicas were told."""
        for one in await self._store.versions("policy"):
            policy = Policy.model_validate(one.body)
            self._policies.setdefault(policy.version, policy)
            if one.number > self.policy_version.number:
                self._set_policy(Version(one.number, policy, one.by, one.at))
        for one in (await self._store.versions("calendar"))[-1:]:
            if one.number > self.local_version.number:
                body = LocalCalendar.model_validate(one.body)
                self._set_local(Version(one.number, body, one.by, one.at))
        if last_year(self._clock()) != self.last_year:
            self._set_local(self.local_version)

    async def set_policy(
        self, body: PolicyBody, *, after: int, by: str, at: datetime
    ) -> Version[Policy]:
        """`after`: the number it takes the place of. Raises `Conflict` where that is past."""
        number = after + 1
        policy = Policy(version=f"set-{number}", **body.model_dump(exclude={"version"}))
        self._check_current("policy", self.policy_version.number, after)
        await self._store.add("policy", Version(number, _plain(policy), by, at))
        self._set_policy(Version(number, policy, by, at))
        return self.policy_version

    async def set_calendar(
        self, body: LocalCalendar, *, after: int, by: str, at: datetime
    ) -> Version[LocalCalendar]:
        """Raises `Unfit` where its parts do not fit together, and `Conflict` as above."""
        build_calendar(body, self.last_year)
        self._check_current("calendar", self.local_version.number, after)
        await self._store.add("calendar", Version(after + 1, _plain(body), by, at))
        self._set_local(Version(after + 1, body, by, at))
        return self.local_version

    @staticmethod
    def _check_current(name: str, current: int, after: int) -> None:
        if current != after:
            raise Conflict(f"{name} is at version {current}")


def _plain(body: PolicyBody | LocalCalendar) -> dict[str, Any]:
    plain: Mapping[str, Any] = body.model_dump(mode="json")
    return dict(plain)
