"""What comes with a move: the bodies of the requests, and their limits."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.intake.domain.fields import SEEN, TEXT, SatgasCode
from shared.events import Code
from shared.web.fields import WHOLE

Text = Annotated[str, Field(min_length=1, max_length=8000, pattern=SEEN), TEXT]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewMessage(_Body):
    """Something said: an answer, a question back, a reply to it, or a note among officers."""

    kind: Literal["answer", "question", "reply", "note"]
    body: Text


class Rejection(_Body):
    reason: Literal["not_ours", "duplicate", "incomplete", "abusive"]


class Rating(_Body):
    rating: Annotated[int, Field(ge=1, le=5), WHOLE]
    comment: Text | None = None


class Transfer(BaseModel):
    """Who should have it instead: another satgas, or another officer of this one."""

    model_config = ConfigDict(extra="forbid")

    to: SatgasCode
    officer: Code | None = None
    reason: Literal["not_ours", "wrong_place", "expertise", "conflict_of_interest", "absent"]


class Escalation(BaseModel):
    """Why the DPMD desk should take it over."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal["beyond_authority", "needs_expert", "needs_decision", "other_agency"]


MoveBody = NewMessage | Rejection | Rating | Transfer | Escalation
