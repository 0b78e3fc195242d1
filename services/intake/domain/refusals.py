"""Why a move is refused, in both languages."""

from services.intake.domain.lifecycle import Actor, ForbiddenMove, MoveName
from shared import reference
from shared.text.wording import Text

_SIDES = {
    "officer": Text("petugas", "the officer"),
    "requester": Text("pemohon", "the requester"),
    "system": Text("sistem", "the system"),
}


def not_theirs(move: MoveName, actor: Actor) -> Text:
    side = _SIDES[actor]
    return Text(
        f"'{move}' ({_name(move).id}) bukan tindakan {side.id}.",
        f"'{move}' is not for {side.en}",
    )


def not_now(error: ForbiddenMove) -> Text:
    """The state, why it does not allow the move, and what it does allow."""
    status = reference.labels("statuses")[error.status].text
    choices = [Text(f"{one} ({_name(one).id})", one) for one in error.allowed]
    why = Text(f": {error.why.id}", f": {error.why.en}") if error.why else Text("", "")
    listed = Text(
        ", ".join(one.id for one in choices) or "tidak ada",
        ", ".join(one.en for one in choices) or "nothing",
    )
    return Text(
        f"'{error.move}' ({_name(error.move).id}) tidak mungkin selama {error.status} "
        f"({status.id}){why.id}; yang mungkin: {listed.id}",
        f"'{error.move}' is not possible while {error.status}{why.en}; possible: {listed.en}",
    )


def _name(move: MoveName) -> Text:
    return reference.labels("moves")[move].text
