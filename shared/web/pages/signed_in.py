"""What the frame of each page of who is signed in shows, and its forms carry."""

from collections.abc import Mapping
from typing import Any

from shared.reference import satgas_label
from shared.text.wording import Language
from shared.web.pages.forms import PROOF
from shared.web.permissions import ACCESS, Caller

REPORTS_OPERATION = "read_overview"
ROSTER_OPERATION = "put_satgas"


def frame(caller: Caller, proof: str, said: Language) -> Mapping[str, Any]:
    """For the template of that frame. `proof`: that a form is of this session (`proof_of`)."""
    return {
        "caller": caller,
        "satgas": satgas_label(caller.territory, said) if caller.territory else "",
        "keeps_rosters": caller.role in ACCESS[ROSTER_OPERATION],
        "reads_reports": caller.role in ACCESS[REPORTS_OPERATION],
        "proof_name": PROOF,
        "proof": proof,
    }
