"""What goes wrong over HTTP, as RFC 9457 problems: one table, in Indonesian and English.

Raise `Problem("conflict", detail=Text(…))` anywhere below an API; `shared/web/app.py` renders it in
the caller's language. `detail` names fields and codes, never what was typed into a text field.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from shared.limits.buckets import TooMany
from shared.text.characters import illegible, visible
from shared.text.languages import preferred
from shared.text.translations import indonesian
from shared.text.wording import Fault, Language, Text, Unfit

Body = TypeVar("Body", bound=BaseModel)

KINDS: Mapping[str, tuple[int, str, str]] = {
    "malformed": (400, "Permintaan tidak dapat dibaca", "The request cannot be read"),
    "unauthorized": (
        401,
        "Kode akses atau token tidak ada atau tidak berlaku",
        "No API key or token, or one that is not valid",
    ),
    "forbidden": (
        403,
        "Anda tidak berwenang untuk tindakan ini",
        "You are not authorised for this action",
    ),
    "not_found": (404, "Tidak ditemukan", "Not found"),
    "method_not_allowed": (405, "Metode tidak didukung", "Method not supported"),
    "too_slow": (
        408,
        "Permintaan tidak sampai tepat waktu",
        "The request did not arrive in time",
    ),
    "forbidden_move": (
        409,
        "Status konsultasi tidak memungkinkan tindakan ini",
        "The status of the consultation does not allow this action",
    ),
    "erased": (
        410,
        "Data pribadi konsultasi ini sudah dihapus",
        "The personal data of this consultation was erased",
    ),
    "changed_meanwhile": (
        412,
        "Data telah diubah pengguna lain, muat ulang",
        "Another user has changed the data; reload it",
    ),
    "too_large": (413, "Permintaan terlalu besar", "The request is too large"),
    "unsupported_media_type": (415, "Jenis isi tidak didukung", "Content type not supported"),
    "invalid": (422, "Ada isian yang tidak valid", "Some fields are not valid"),
    "key_reused": (
        422,
        "Idempotency-Key sudah dipakai untuk isi lain",
        "Idempotency-Key was used for another body",
    ),
    "too_many": (
        429,
        "Terlalu banyak permintaan, coba lagi nanti",
        "Too many requests, try again later",
    ),
    "head_too_large": (
        431,
        "Header permintaan terlalu besar",
        "The header of the request is too large",
    ),
    "internal": (500, "Kesalahan pada server", "The server failed"),
    "unavailable": (503, "Layanan belum tersedia, coba lagi", "Not available now, try again"),
}
"""Kind → status, title in Indonesian, title in English."""

#: Seconds after which a client may try again, sent as `Retry-After` with 503.
RETRY_AFTER = 2


class FieldError(BaseModel):
    """A fault as it is sent, in one language."""

    pointer: str
    code: str
    detail: str


class ProblemBody(BaseModel):
    """RFC 9457, with `errors` for fields."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    errors: list[FieldError] | None = None


class Problem(Exception):
    """An answer that is not the one asked for."""

    def __init__(
        self,
        kind: str,
        *,
        detail: Text | None = None,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = KINDS[kind][0]
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        if kind == "unavailable":
            self.headers.setdefault("Retry-After", str(RETRY_AFTER))

    def body(self, language: Language, instance: str | None = None) -> dict[str, Any]:
        _, indonesian, english = KINDS[self.kind]
        return ProblemBody(
            type=f"urn:klikdesa:problem:{self.kind}",
            title=indonesian if language == "id" else english,
            status=self.status,
            detail=self.detail.said_in(language) if self.detail else None,
            instance=instance,
            errors=[_field_error(one, language) for one in self.errors] or None,
        ).model_dump(exclude_none=True)


def too_many(error: TooMany) -> Problem:
    """The answer to who asked too often."""
    seconds = error.headers["Retry-After"]
    said = Text(
        f"Batas '{error.name}' tercapai; coba lagi {seconds} detik lagi.",
        f"The limit '{error.name}' is reached; try again in {seconds} seconds.",
    )
    return Problem("too_many", detail=said, headers=error.headers)


def _field_error(fault: Fault, language: Language) -> FieldError:
    said = fault.detail.said_in(language)
    return FieldError(pointer=visible(fault.pointer), code=fault.code, detail=said)


def faults(errors: Sequence[Mapping[str, Any]], prefix: str = "") -> list[Fault]:
    """Pydantic's errors with JSON pointers, in both languages, without the input they quote."""
    return [_fault(_pointer(error["loc"], prefix), error) for error in errors]


def validated(kind: type[Body], document: object, at: str = "") -> Body:
    """A body that a route, or a form, validates by itself. Raises `Problem`, `invalid`.

    `at`: the JSON pointer of `document` in what was sent.
    """
    if errors := illegible(document, at):
        raise Problem("invalid", errors=errors)
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        # its errors do not say that it is a body, and its own field `body` would be taken for that
        found = [_fault(_pointer(("body", *one["loc"]), at), one) for one in error.errors()]
        raise Problem("invalid", errors=found) from None


def _fault(pointer: str, error: Mapping[str, Any]) -> Fault:
    context = error.get("ctx") or {}
    if isinstance(why := context.get("error"), Unfit):
        return Fault(pointer, why.code, why.text)
    type_ = error["type"]
    return Fault(pointer, type_, Text(indonesian(type_, context), error["msg"]))


def _pointer(location: Sequence[int | str], prefix: str) -> str:
    where, *rest = location or ("body",)
    if where == "body":
        return prefix + "".join(f"/{_escape(part)}" for part in rest)
    if where in ("query", "path", "header"):
        return f"{where}:{'.'.join(str(part) for part in rest)}"
    return prefix + "".join(f"/{_escape(part)}" for part in location)


def _escape(part: int | str) -> str:
    """A key of the sender's making may hold anything: cut it short."""
    return str(part)[:64].replace("~", "~0").replace("/", "~1")


def language(request: Request) -> Language:
    """The language that the caller prefers, of ours."""
    return preferred(",".join(request.headers.getlist("accept-language")))


# not a plain function: FastAPI would run that in a thread
async def spoken(request: Request, response: Response) -> Language:
    """The same for an answer of a route, which then says what it goes by."""
    said = language(request)
    response.headers.update(spoken_headers(said))
    return said


def spoken_headers(said: Language) -> dict[str, str]:
    return {"Vary": "Accept-Language", "Content-Language": said}


LanguageOf = Annotated[Language, Depends(spoken)]
