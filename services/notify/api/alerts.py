"""Alerts: who was told of what and why, who was not, and telling them again."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response

from services.notify.api.schemas import AlertsView, AlertView
from services.notify.domain.alert import Alert, State, resent
from services.notify.ports import Alerts
from shared.errors import Conflict
from shared.limits.buckets import Buckets
from shared.reference import COMPLAINT
from shared.storage.retrying import retry_on_conflict
from shared.text.wording import Text
from shared.web.app import problems
from shared.web.auth import ELSEWHERE, Caller, CallerOf, Scope
from shared.web.problems import LanguageOf, Problem

AlertId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="An alert's id")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="A repeated post carries the same key",
    ),
]
MOST_LISTED = 200


def add_alerts(
    router: APIRouter, alerts: Alerts, clock: Callable[[], datetime], by_person: Buckets
) -> None:
    """`by_person`: how often people may be told again what they were told."""

    @router.get("/alerts")
    async def list_alerts(
        caller: CallerOf,
        request: Request,
        response: Response,
        said: LanguageOf,
        consultation: Annotated[UUID | None, Query()] = None,
        recipient: Annotated[str | None, Query(max_length=64, pattern=r"^[\w.\-]+$")] = None,
        state: Annotated[State | None, Query()] = None,
        cursor: Annotated[UUID | None, Query(description="From the last page's `next`")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
    ) -> AlertsView:
        """Alerts, newest first, each with its delivery log.

        A key for one kecamatan lists those about what comes from there or was transferred there.
        """
        wanted = {
            "consultation": str(consultation) if consultation else None,
            "recipient": recipient,
            "state": state,
        }
        query = {name: value for name, value in wanted.items() if value is not None}
        page = await alerts.page(query | _reach(caller), before=cursor, limit=limit + 1)
        following = UUID(page[limit - 1].order) if len(page) > limit else None
        if following:
            url = request.url.include_query_params(cursor=str(following))
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return AlertsView(alerts=[AlertView.of(one, said) for one in page[:limit]], next=following)

    @router.get("/alerts/{id}", responses=problems("not_found"))
    async def read_alert(id: AlertId, caller: CallerOf, said: LanguageOf) -> AlertView:
        """Why somebody was told, or was not: cause, rule, and every step of the delivery."""
        return AlertView.of(await _find(alerts, id, caller), said)

    @router.post(
        "/alerts/{id}/resend", status_code=202, responses=problems("not_found", "changed_meanwhile")
    )
    async def resend_alert(
        id: AlertId,
        caller: CallerOf,
        said: LanguageOf,
        idempotency_key: IdempotencyKey = None,
    ) -> AlertView:
        """Tell it again, from the first channel on; what still waits is tried now.

        Quiet hours go on counting. With the same key again, it is told once. Whoever it is for is
        told again some twenty times a day, by whomever: beyond that it is 429.
        """
        key = None
        if idempotency_key is not None:
            key = hashlib.sha256(f"{caller.key_id}:{idempotency_key}".encode()).hexdigest()

        async def resend() -> Alert:
            alert = await _find(alerts, id, caller)
            after = resent(alert, key, clock())
            if after is alert:
                return alert
            by_person.take(alert.person)
            try:
                await alerts.save(alert, after, None)
            except Exception:
                by_person.give_back(alert.person)
                raise
            return after

        try:
            return AlertView.of(await retry_on_conflict(resend), said)
        except Conflict:
            why = Text("Sedang dikirim saat ini.", "It is being sent right now.")
            raise Problem("changed_meanwhile", detail=why) from None


async def _find(alerts: Alerts, id_: str, caller: Caller) -> Alert:
    """403 for what is another kecamatan's; 404 for a complaint, whose existence is confidential."""
    alert = await alerts.get(id_)
    if alert is None:
        raise Problem("not_found")
    if _may_see(caller, alert):
        return alert
    if _is_open(alert):
        raise Problem("forbidden", detail=ELSEWHERE)
    raise Problem("not_found")


def _is_open(alert: Alert) -> bool:
    """What is not known to be no complaint may be one. A digest is about none."""
    return alert.consultation is None or alert.kind not in (COMPLAINT, None)


def _may_see(caller: Caller, alert: Alert) -> bool:
    if not _is_open(alert):
        return caller.may_see(alert.satgas or "")
    return caller.may_see(alert.region.kecamatan if alert.region else "", satgas=alert.satgas)


def _reach(caller: Caller) -> dict[str, Any]:
    """The query for what `_may_see` lets through."""
    if caller.scope is Scope.ALL:
        return {}
    own = caller.territory
    open_ones = {"region.kecamatan": own, "kind": {"$nin": [COMPLAINT, None]}}
    return {"$or": [open_ones, {"satgas": own}]}
