"""Consultations found by their words: unsealed one after the other, newest first, and forgotten.

There is no index of words (docs/decisions/0065): a search looks through so many, and its next page
goes on behind them.
"""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import normalize
from uuid import UUID

from services.intake.domain.consultation import Consultation
from services.intake.ports import Reading

#: Characters of what is looked for.
LEAST_TYPED, MOST_TYPED = 2, 100
#: Consultations that one search looks through.
MOST_SEARCHED = 500


@dataclass(frozen=True, slots=True)
class Found:
    items: list[Consultation]
    """Without what was said."""
    following: UUID | None
    """Behind which one the next page begins; None where nothing is left."""
    searched: int


async def search(
    store: Reading,
    query: dict[str, Any],
    text: str,
    *,
    shown: Callable[[Consultation], Consultation],
    before: UUID | None,
    limit: int,
) -> Found:
    """At most `limit` of those that fit `query` and have every word of `text`, as parts of words.

    `shown`: a consultation as it is shown to who searches: by what is covered, nothing is found.
    """
    wanted, found, searched = _folded(text).split(), list[Consultation](), 0
    async with aclosing(store.with_words(query, before=before, limit=MOST_SEARCHED)) as each:
        async for one in each:
            searched, before = searched + 1, one.id
            if _has(shown(one), wanted):
                found.append(replace(one, body="", messages=()))
            if len(found) == limit:
                return Found(found, before, searched)
    return Found(found, before if searched == MOST_SEARCHED else None, searched)


def _has(one: Consultation, wanted: list[str]) -> bool:
    said = _folded("\n".join((one.title, one.body, *(message.body for message in one.messages))))
    return all(word in said for word in wanted)


def _folded(text: str) -> str:
    """As it is compared: in upper or lower case, however its letters are put together."""
    return normalize("NFC", text).casefold()
