"""Taking consultations in: one post, or a batch of them."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from services.intake.acceptance import Acceptance, Accepted, KeyReused
from services.intake.api.parameters import IdempotencyKey
from services.intake.api.schemas import BatchReceipt, BatchReply, Receipt
from services.intake.domain.conversation import Erased
from services.intake.domain.submission import BatchItem, Submission
from services.intake.requester_tokens import RequesterTokens, Token
from shared import reference
from shared.errors import StoreUnavailable
from shared.limits.buckets import TooMany
from shared.text.wording import Fault, Language, Text
from shared.web.app import WITH_BODY, problems
from shared.web.auth import Caller, CallerOf
from shared.web.direct import direct
from shared.web.problems import LanguageOf, Problem, too_many, validated


class Batch(BaseModel):
    """Each item is judged by itself, so that one bad post does not keep the others."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[
        list[SkipValidation[BatchItem]],
        Field(min_length=1, max_length=100),
    ]


def add_posts(router: APIRouter, acceptance: Acceptance, tokens: RequesterTokens) -> None:
    @router.post("/consultations", status_code=202, responses=problems("erased", *WITH_BODY))
    @direct
    async def submit_consultation(
        post: Submission,
        caller: CallerOf,
        said: LanguageOf,
        idempotency_key: IdempotencyKey = None,
    ) -> Receipt:
        """Submit a consultation. 202 means that it is kept, on disk, whatever happens next.

        `token` is the requester's, for what is said and done next: the key itself only asks how it
        stands.
        """
        accepted = await accept_post(acceptance, post, caller.key_id, idempotency_key)
        return Receipt.of(accepted, _token(tokens, accepted), said)

    @router.post(
        "/consultations:batch",
        status_code=207,
        responses=problems(*WITH_BODY),
        response_model_exclude_none=True,
    )
    async def submit_batch(batch: Batch, caller: CallerOf, said: LanguageOf) -> BatchReply:
        """Submit up to a hundred posts, such as those written without signal."""
        results = await asyncio.gather(
            *(
                _accept_item(acceptance, tokens, f"/items/{number}", item, caller, said)
                for number, item in enumerate(batch.items)
            )
        )
        return BatchReply.model_validate({"results": results})


def _token(tokens: RequesterTokens, accepted: Accepted) -> Token:
    """The same for a repeated post as for the first."""
    consultation = accepted.consultation
    return tokens.issue(consultation.id, consultation.received_at)


async def accept_post(
    acceptance: Acceptance, post: Submission, caller: str, key: str | None, at: str = ""
) -> Accepted:
    """`caller`: the front-end's id; `at`: the JSON pointer of the post in the request's body.

    Raises `Problem`, `TooMany` and `StoreUnavailable`.
    """
    try:
        return await acceptance.accept(post, caller=caller, key=key)
    except KeyReused:
        said = Text(
            "Pakai kunci baru untuk konsultasi baru.", "Use a new key for a new consultation."
        )
        raise Problem("key_reused", detail=said) from None
    except Erased:
        raise Problem("erased") from None
    except reference.UnknownRegion as error:
        wrong = Fault(f"{at}/desa_code", error.reason, error.text)
        raise Problem("invalid", errors=[wrong]) from None
    except reference.RetiredTopic as error:
        wrong = Fault(f"{at}/topic", error.code, error.text)
        raise Problem("invalid", errors=[wrong]) from None


async def _accept_item(
    acceptance: Acceptance,
    tokens: RequesterTokens,
    at: str,
    item: object,
    caller: Caller,
    said: Language,
) -> BatchReceipt | dict[str, Any]:
    try:
        post = validated(BatchItem, item, at)
        accepted = await accept_post(acceptance, post, caller.key_id, post.idempotency_key, at)
    except StoreUnavailable:
        return Problem("unavailable").body(said)
    except TooMany as error:
        return too_many(error).body(said)
    except Problem as problem:
        return problem.body(said)
    return BatchReceipt.of(accepted, _token(tokens, accepted), said)
