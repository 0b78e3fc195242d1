"""What a browser sends of a form, and whether it is from a page of ours."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request

from shared.text.wording import Text
from shared.web.middleware import URL_ENCODED
from shared.web.problems import Problem

#: The cookie with the session of who is signed in; `sessions.py` beside this reads what is in it.
SESSION = "klik_sesi"
#: Of more fields than most forms of ours have, nothing is read.
MOST_FIELDS = 40
#: The hidden field that shows a form to be of the session that sends it.
PROOF = "bukti"

_FOREIGN = Text(
    "Buka halaman ini kembali, lalu ulangi dari sana.", "Open the page again and repeat it there."
)


async def fields_of(request: Request, most: int = MOST_FIELDS) -> Mapping[str, str]:
    """The fields that were filled in, the first of each name, with line ends as everywhere else.

    Nothing where it is no form, or one in parts: then every field is missing, and said to be.
    """
    if not request.headers.get("content-type", "").lower().startswith(URL_ENCODED):
        return {}
    try:
        text = (await request.body()).decode()
        form = parse_qs(text, errors="strict", max_num_fields=most)
    except ValueError:  # no UTF-8, or too many
        return {}
    return {name: values[0].replace("\r\n", "\n") for name, values in form.items()}


def proof_of(session: str) -> str:
    """What the forms of a session carry: nobody has it who has not its cookie."""
    return hashlib.sha256(f"form of {session}".encode()).hexdigest()[:32]


def check_site(request: Request) -> None:
    """Raises `Problem`, `forbidden`, where the page of another site sent it: it would fill in a
    form for somebody, or send forms from the addresses of all who read it."""
    # browsers say so themselves on https; who is no browser says nothing
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Problem("forbidden", detail=_FOREIGN)


def check_own(request: Request, session: str, fields: Mapping[str, str]) -> None:
    """Raises `Problem`, `forbidden`, where another site sent it, or the page of another session."""
    check_proof(request, proof_of(session), fields)


def check_proof(request: Request, proof: str, fields: Mapping[str, str]) -> None:
    """The same by the proof itself."""
    check_site(request)
    if not hmac.compare_digest(fields.get(PROOF, "").encode(), proof.encode()):
        raise Problem("forbidden", detail=_FOREIGN)
