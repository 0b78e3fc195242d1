"""Texts that an officer keeps to answer with: whoever saved them reads and deletes them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.intake.domain.move_bodies import Text as MessageText
from services.intake.domain.saved_reply import MOST, SavedReply
from services.intake.ports import SavedReplies
from shared.audit.changes import written_down_first
from shared.text.characters import shown
from shared.text.wording import Fault, Text
from shared.times import local
from shared.web.app import WITH_BODY, problems
from shared.web.auth import Caller, CallerOf
from shared.web.problems import Problem


class NewReply(BaseModel):
    """A text, as it is sent in an answer."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    body: MessageText


class SavedReplyView(BaseModel):
    """A text that is kept."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    body: str
    saved_at: AwareDatetime
    """When it was saved first."""

    @classmethod
    def of(cls, found: SavedReply) -> Self:
        return cls(id=found.id, body=shown(found.body), saved_at=local(found.saved_at))


class SavedRepliesView(BaseModel):
    """All of the caller's, the oldest first."""

    items: list[SavedReplyView]


ReplyId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


async def save(
    replies: SavedReplies, caller: Caller, body: NewReply, now: datetime
) -> SavedReplyView:
    """Raises `Problem`, `invalid`, where the caller has as many as there may be."""
    kept = await replies.of(caller.key_id)
    if len(kept) >= MOST and body.body not in {one.body for one in kept}:
        said = Text(
            f"Paling banyak {MOST} teks tersimpan; hapus salah satu dahulu.",
            f"At most {MOST} texts are kept; delete one first.",
        )
        raise Problem("invalid", errors=[Fault("", "too_many_saved", said)])
    return SavedReplyView.of(await replies.add(caller.key_id, body.body, now))


def add_saved_replies(
    router: APIRouter, replies: SavedReplies, clock: Callable[[], datetime]
) -> None:
    @router.get("/saved-replies")
    async def list_saved_replies(caller: CallerOf) -> SavedRepliesView:
        """The texts that the caller keeps; nobody else's."""
        found = await replies.of(caller.key_id)
        return SavedRepliesView(items=[SavedReplyView.of(one) for one in found])

    @router.post("/saved-replies", status_code=201, responses=problems(*WITH_BODY))
    async def save_reply(body: NewReply, caller: CallerOf) -> SavedReplyView:
        """Keep a text; one that is kept already is answered as it is."""
        return await save(replies, caller, body, clock())

    @router.delete("/saved-replies/{id}", status_code=204)
    @written_down_first
    async def delete_saved_reply(id: ReplyId, caller: CallerOf) -> None:
        """Repeated, or of another's, it changes nothing."""
        await replies.remove(caller.key_id, id)
