"""Webhook subscriptions: made, changed, tried and followed by the key that owns them."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from services.notify.webhooks.domain.subscription import (
    BY_OWNER,
    Cursor,
    Subscription,
    paused,
    resumed,
)
from services.notify.webhooks.schemas import (
    DeliveriesView,
    DeliveryView,
    SecretWebhookView,
    TestView,
    WebhookBody,
    WebhooksView,
    WebhookView,
)
from services.notify.webhooks.service import WebhookService
from shared.audit.changes import written_down_first
from shared.web.app import WITH_BODY, problems
from shared.web.auth import CallerOf, Role
from shared.web.fields import Day

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        description="The ETag of the settings that are to be replaced; 412 if they have changed",
    ),
]
From = Annotated[
    Day | None,
    Query(alias="from", description="Deliver what the journal has from this day on (WITA)"),
]


def add_webhooks(router: APIRouter, service: WebhookService) -> None:
    @router.post("/webhooks", status_code=201, responses=problems(*WITH_BODY))
    @written_down_first
    async def create_webhook(
        body: WebhookBody, caller: CallerOf, response: Response, from_: From = None
    ) -> SecretWebhookView:
        """Have events posted to an address, from now on or from a day on.

        The secret is shown here and never again. A key for one kecamatan gets what it could also
        read: events from there and of what was transferred there; complaints only the latter. A
        front-end's key gets those of what it posted itself.
        """
        subscription, secret = await service.make(body, caller, from_)
        response.headers["Location"] = f"/v1/webhooks/{subscription.id}"
        response.headers["ETag"] = _etag(subscription)
        return SecretWebhookView.with_secret(subscription, secret, service.clock())

    @router.get("/webhooks")
    async def list_webhooks(
        caller: CallerOf,
        request: Request,
        response: Response,
        cursor: Annotated[UUID | None, Query(description="From the last page's `next`")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> WebhooksView:
        """The key's own webhooks, oldest first; an administrator's key lists everybody's."""
        owner = None if caller.role is Role.ADMIN else caller.key_id
        page = await service.webhooks.page(owner, after=cursor, limit=limit + 1)
        following = page[limit - 1].id if len(page) > limit else None
        if following:
            url = request.url.include_query_params(cursor=str(following))
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        now = service.clock()
        return WebhooksView(
            webhooks=[WebhookView.of(one, now) for one in page[:limit]], next=following
        )

    @router.get("/webhooks/{id}", responses=problems("not_found"))
    async def read_webhook(id: UUID, caller: CallerOf, response: Response) -> WebhookView:
        """Settings, and how it fares. The ETag is of the settings."""
        return _shown(await service.find(id, caller), service, response)

    @router.put("/webhooks/{id}", responses=problems("not_found", "changed_meanwhile", *WITH_BODY))
    @written_down_first
    async def put_webhook(
        id: UUID, body: WebhookBody, caller: CallerOf, response: Response, if_match: IfMatch = None
    ) -> WebhookView:
        """Replace the settings; secret and place in the journal stay."""
        changed = await service.put(id, body, caller, if_match)
        return _shown(changed, service, response)

    @router.delete("/webhooks/{id}", status_code=204, responses=problems("not_found"))
    @written_down_first
    async def delete_webhook(id: UUID, caller: CallerOf) -> None:
        """Nothing is posted there any more, after an attempt that may be under way."""
        await service.find(id, caller)
        await service.webhooks.remove(id)

    @router.post("/webhooks/{id}/rotate", responses=problems("not_found", "changed_meanwhile"))
    @written_down_first
    async def rotate_webhook(
        id: UUID,
        caller: CallerOf,
        response: Response,
        overlap_hours: Annotated[
            int, Query(ge=0, le=168, description="How long the old secret signs as well")
        ] = 24,
    ) -> SecretWebhookView:
        """Give it a new secret, shown here and never again."""
        changed, secret = await service.rotate(id, caller, timedelta(hours=overlap_hours))
        response.headers["ETag"] = _etag(changed)
        return SecretWebhookView.with_secret(changed, secret, service.clock())

    @router.post("/webhooks/{id}/test", responses=problems("not_found"))
    async def test_webhook(id: UUID, caller: CallerOf) -> TestView:
        """Post a `klikdesa.webhook.test.v1` there now, also while it is paused."""
        return TestView.of(await service.delivery.test(await service.find(id, caller)))

    @router.post("/webhooks/{id}/pause", responses=problems("not_found", "changed_meanwhile"))
    async def pause_webhook(id: UUID, caller: CallerOf, response: Response) -> WebhookView:
        """Post nothing there until it is resumed; events wait in the journal."""
        changed = await service.change(id, caller, _paused)
        return _shown(changed, service, response)

    @router.post("/webhooks/{id}/resume", responses=problems("not_found", "changed_meanwhile"))
    async def resume_webhook(
        id: UUID, caller: CallerOf, response: Response, from_: From = None
    ) -> WebhookView:
        """Go on where it stopped, with what came meanwhile; or from a day on, again if need be."""
        await service.find(id, caller)
        start = await service.start(from_) if from_ else None
        changed = await service.change(id, caller, lambda one: _resumed(one, start))
        return _shown(changed, service, response)

    @router.get("/webhooks/{id}/deliveries", responses=problems("not_found"))
    async def list_deliveries(id: UUID, caller: CallerOf) -> DeliveriesView:
        """The last attempts, the newest first."""
        recent = (await service.find(id, caller)).progress.recent
        return DeliveriesView(deliveries=[DeliveryView.of(one) for one in reversed(recent)])


def _paused(one: Subscription) -> Subscription:
    if one.progress.state == "paused":
        return one
    return replace(one, progress=paused(one.progress, BY_OWNER))


def _resumed(one: Subscription, start: Cursor | None) -> Subscription:
    if one.progress.state == "active" and start is None:
        return one
    return replace(one, progress=resumed(one.progress, start))


def _shown(one: Subscription, service: WebhookService, response: Response) -> WebhookView:
    response.headers["ETag"] = _etag(one)
    return WebhookView.of(one, service.clock())


def _etag(one: Subscription) -> str:
    return f'"{one.version}"'
