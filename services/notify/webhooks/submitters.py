"""Which key posted a consultation: it never changes, so that a process asks for it once."""

from uuid import UUID

from cachetools import LRUCache

from services.notify.ports import CaseViews

#: Consultations of which a process remembers who posted them, for all of its workers.
SUBMITTERS_CACHED = 20_000
NOBODY = ""
"""Of what was posted before that was told."""


class Submitters:
    def __init__(self, cases: CaseViews) -> None:
        self._cases = cases
        self._known: LRUCache[UUID, str] = LRUCache(SUBMITTERS_CACHED)

    def note(self, consultation: UUID, submitter: str | None) -> None:
        """What `consultation.submitted` says."""
        self._known[consultation] = submitter or NOBODY

    async def of(self, consultation: UUID) -> str | None:
        """The key's id, or `NOBODY`; None where its submission was not heard of yet."""
        if (known := self._known.get(consultation)) is not None:
            return known
        case = await self._cases.get(consultation)
        # only the submission says whether there is a contact
        if case is None or (case.submitter is None and case.reachable is None):
            return None
        self.note(consultation, case.submitter)
        return case.submitter or NOBODY
