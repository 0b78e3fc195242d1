"""What the routes of webhooks do: finds, checks, makes and changes subscriptions."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from services.notify.ports import EventLog, Recipients, Sealer, UrlGuard, WebhookDelivery, Webhooks
from services.notify.webhooks.domain.ssrf_guard import (
    BAD_URL,
    NEEDS_HTTPS,
    NOT_PUBLIC,
    Refused,
    Unresolved,
)
from services.notify.webhooks.domain.subscription import (
    Cursor,
    Progress,
    Secret,
    Subscription,
    readdressed,
    rotated,
)
from services.notify.webhooks.schemas import WebhookBody
from services.notify.webhooks.secrets import new_secret
from shared import reference
from shared.errors import Conflict
from shared.storage.retrying import retry_on_conflict
from shared.text.wording import Fault, Text
from shared.times import WITA, new_id
from shared.web.auth import Caller, Role, Scope
from shared.web.problems import Problem

#: Subscriptions of one key.
MOST_PER_KEY = 100
WHAT_IS_WRONG = {
    NOT_PUBLIC: Text("Menuju alamat yang tidak publik.", "Leads to an address that is not public"),
    NEEDS_HTTPS: Text("Hanya https.", "Only https"),
    BAD_URL: Text("Bukan URL yang dapat dikirimi.", "Not a URL that can be posted to"),
}


class WebhookService:
    """What the routes do, over stores that a test can put in."""

    def __init__(
        self,
        webhooks: Webhooks,
        event_log: EventLog,
        guard: UrlGuard,
        delivery: WebhookDelivery,
        sealer: Sealer,
        recipients: Recipients,
        clock: Callable[[], datetime],
    ) -> None:
        self.webhooks = webhooks
        self.event_log = event_log
        self.delivery = delivery
        self.clock = clock
        self._guard = guard
        self._sealer = sealer
        self._recipients = recipients

    async def find(self, id_: UUID, caller: Caller) -> Subscription:
        """404 for what is another key's, except to an administrator."""
        found = await self.webhooks.get(id_)
        if found is None or (caller.role is not Role.ADMIN and found.owner != caller.key_id):
            raise Problem("not_found")
        return found

    async def check(self, body: WebhookBody, caller: Caller) -> None:
        """What can be known to be wrong before an attempt."""
        errors = []
        try:
            await self._guard.endpoint(body.url)
        except Refused as refusal:
            said = WHAT_IS_WRONG[refusal.reason]
            errors.append(Fault("/url", refusal.reason, said))
        except Unresolved:
            pass  # a name that is not there yet may come; each attempt looks anew
        for number, code in enumerate(body.kecamatan):
            if not reference.is_kecamatan(code):
                pointer = f"/kecamatan/{number}"
                said = Text(
                    "Bukan kecamatan; lihat /v1/reference/regions",
                    "Not a kecamatan; see /v1/reference/regions",
                )
                errors.append(Fault(pointer, "unknown_region", said))
        if body.contact is not None:
            contact = await self._recipients.get(body.contact)
            is_bound = caller.scope is Scope.OWN
            if contact is None or (is_bound and not caller.may_see(contact.satgas)):
                said = Text(
                    "Tidak ada orang dengan kode ini dalam direktori.",
                    "Nobody of this code in the directory",
                )
                errors.append(Fault("/contact", "unknown_recipient", said))
        if errors:
            raise Problem("invalid", errors=errors)

    async def make(
        self, body: WebhookBody, caller: Caller, day: date | None
    ) -> tuple[Subscription, str]:
        """A new one, with its secret, for what the event log has from `day` on."""
        await self.check(body, caller)
        if await self.webhooks.count(caller.key_id) >= MOST_PER_KEY:
            said = Text(
                f"Satu kunci paling banyak mempunyai {MOST_PER_KEY} webhook.",
                f"A key has {MOST_PER_KEY} webhooks at most",
            )
            raise Problem("invalid", errors=[Fault("", "too_many", said)])
        id_, secret = new_id(), new_secret()
        made = Subscription(
            id=id_,
            owner=caller.key_id,
            territory=caller.territory,
            role=caller.role,
            by_token=caller.is_by_token,
            created_at=self.clock(),
            url=body.url,
            events=tuple(dict.fromkeys(body.events)),
            kecamatan=tuple(dict.fromkeys(body.kecamatan)),
            contact=body.contact,
            secrets=(self._sealed(id_, secret),),
            progress=Progress(await self.start(day)),
        )
        await self.webhooks.add(made)
        return made, secret

    async def put(
        self, id_: UUID, body: WebhookBody, caller: Caller, if_match: str | None
    ) -> Subscription:
        await self.find(id_, caller)
        await self.check(body, caller)
        return await self.change(id_, caller, lambda one: _with(one, body), if_match)

    async def rotate(
        self, id_: UUID, caller: Caller, overlap: timedelta
    ) -> tuple[Subscription, str]:
        """With the new secret."""
        secret, now = new_secret(), self.clock()
        sealed = self._sealed(id_, secret)
        changed = await self.change(id_, caller, lambda one: rotated(one, sealed, overlap, now))
        return changed, secret

    def _sealed(self, id_: UUID, secret: str) -> Secret:
        return Secret(self._sealer.seal(str(id_), secret))

    async def start(self, day: date | None) -> Cursor:
        """Where the event log of `day` begins; its end, for what is to come, without one."""
        now = self.clock()
        since = datetime.combine(day, time(), WITA) if day else now + timedelta(days=1)
        return Cursor(await self.event_log.since(since))

    async def change(
        self,
        id_: UUID,
        caller: Caller,
        how: Callable[[Subscription], Subscription],
        if_match: str | None = None,
    ) -> Subscription:
        """Raises `Problem`: 404, or 412 where somebody else was quicker."""

        async def attempt() -> Subscription:
            before = await self.find(id_, caller)
            if if_match is not None and not _fits(if_match, before.version):
                raise _changed_meanwhile()
            after = how(before)
            if caller.key_id == before.owner:
                # as who they are now, also where they were somebody else when they made it
                after = replace(
                    after,
                    territory=caller.territory,
                    role=caller.role,
                    by_token=caller.is_by_token,
                )
            return before if after == before else await self.webhooks.change(before, after)

        try:
            return await retry_on_conflict(attempt)
        except Conflict:
            raise _changed_meanwhile() from None


def _changed_meanwhile() -> Problem:
    said = Text(
        "Baca webhook kembali lalu putuskan lagi.", "Read the webhook again and decide anew."
    )
    return Problem("changed_meanwhile", detail=said)


def _with(one: Subscription, body: WebhookBody) -> Subscription:
    moved = body.url != one.url
    return replace(
        one,
        url=body.url,
        events=tuple(dict.fromkeys(body.events)),
        kecamatan=tuple(dict.fromkeys(body.kecamatan)),
        contact=body.contact,
        progress=readdressed(one.progress) if moved else one.progress,
    )


def _fits(if_match: str, version: int) -> bool:
    """Whether an ETag of ours is of `version`; `*` of any."""
    if if_match.strip() == "*":
        return True
    found = re.fullmatch(r'(?:W/)?"([0-9]{1,9})"', if_match.strip())
    return found is not None and int(found[1]) == version
