"""Erasing the personal data of a consultation."""

from uuid import UUID

from fastapi import APIRouter

from services.intake.api.parameters import check_sight, side_of
from services.intake.erasure import Erasure
from services.intake.moves import NotFound, OtherVersion
from shared.audit.changes import written_down_first
from shared.text.wording import Text
from shared.web.app import problems
from shared.web.auth import CallerOf
from shared.web.problems import Problem


def add_erasure(router: APIRouter, erasure: Erasure) -> None:
    @router.delete(
        "/consultations/{id}/personal-data",
        status_code=204,
        responses=problems("not_found", "changed_meanwhile"),
    )
    @written_down_first
    async def erase_consultation(id: UUID, caller: CallerOf) -> None:
        """Destroy the key of its words: name, contact, title, body, messages and comment can be
        read no more, by nobody.

        Status, codes and times stay, and so do reports. It cannot be undone; repeated, it changes
        nothing.
        """
        try:
            await erasure.erase(id, side_of(caller), check=lambda found: check_sight(caller, found))
        except NotFound:
            raise Problem("not_found") from None
        except OtherVersion:
            said = Text("Coba lagi sebentar lagi.", "Try again in a moment.")
            raise Problem("changed_meanwhile", detail=said) from None
