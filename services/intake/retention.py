"""What was kept for as long as the policy allows is taken out: contacts first, words later; and the
saved replies of officers who left."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Who
from services.intake.domain.erasure import Part, Retention
from services.intake.erasure import Erasure
from services.intake.moves import OtherVersion
from services.intake.ports import Expiring, ExpiringReplies
from shared.times import local_day
from shared.web.api_keys import Keys

Step = Callable[[str, int, int], None]
"""Told of what, how many are done, of how many."""
Before = Callable[[list[UUID]], Awaitable[None]]
"""Told, before it is done, from which consultations something is taken out."""


async def expire(
    store: Expiring,
    erasure: Erasure,
    policy: Retention,
    now: datetime,
    step: Step,
    *,
    before: Before,
    apply: bool,
) -> Counter[Part]:
    """How many lose which part by `now`; with `apply` they have lost it.

    What is gone is not looked for again: broken off, it is simply started anew.
    """
    until = local_day(now - policy.first()).isoformat()
    total, done = await store.count(until), 0
    taken = Counter[Part]()
    async for page in store.ended(until):
        due = [
            (consultation, part)
            for consultation, parts in page
            if (part := policy.due(consultation, now)) in parts
        ]
        if apply and due:
            await before([consultation.id for consultation, _ in due])
            for consultation, part in due:
                await _take_out(store, erasure, consultation, part)
        taken.update(part for _, part in due)
        done += len(page)
        step("looked at", done, max(total, done))
    return taken


async def _take_out(
    store: Expiring, erasure: Erasure, consultation: Consultation, part: Part
) -> None:
    # somebody who is quicker changed an ended one, or opened it anew: the next run sees to it
    if part == "words":

        def check(found: Consultation) -> None:
            if found.version != consultation.version:
                raise OtherVersion(f"now at version {found.version}")

        with suppress(OtherVersion):
            await erasure.erase(consultation.id, Who("system"), check=check)
    else:
        await store.take_out_requester(consultation)


async def expire_replies(
    replies: ExpiringReplies, keys: Keys, unused: timedelta, now: datetime, *, apply: bool
) -> int:
    """How many officers lose their saved replies by `now`; with `apply` they have lost them.

    Who left has a key that was revoked; one that expired may be followed by another. Of an account,
    which the issuer knows and we do not, nothing tells but that they are not used.
    """
    due = [
        owner
        for owner, used_at in (await replies.owners()).items()
        if keys.owner(owner) == "revoked" or used_at <= now - unused
    ]
    if apply:
        for owner in due:
            await replies.forget(owner)
    return len(due)
