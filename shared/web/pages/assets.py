"""Files that pages load: kept by the browser for ever, under an address that changes with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from shared.web.pages.routes import page_router
from shared.web.problems import Problem

#: What all pages share: the tokens of the design, and what pages are made of.
SHARED = Path(__file__).parent / "static"

TYPES: Mapping[str, str] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str


class Assets:
    """The files of some folders. One hash of them all is in every address, so that what a script
    imports from beside it is of the same edition."""

    def __init__(self, prefix: str, *folders: Path) -> None:
        """`prefix`: where they are, such as `/aset`. Of two files with one name the later stands.

        Raises KeyError for a file of a type that is none of `TYPES`.
        """
        self.prefix = prefix
        self._files = {
            path.relative_to(folder).as_posix(): Asset(path.read_bytes(), TYPES[path.suffix])
            for folder in (SHARED, *folders)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        edition = sha256()
        for name, file in sorted(self._files.items()):
            edition.update(f"{name} {len(file.content)} ".encode() + file.content)
        self.edition = edition.hexdigest()[:16]

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError where there is none of that name."""
        self._files[name]
        return f"{self.prefix}/{self.edition}/{name}"

    def routes(self) -> APIRouter:
        router = page_router()

        @router.get(f"{self.prefix}/{{edition}}/{{name:path}}")
        async def page_file(edition: str, name: str) -> Response:
            file = self._files.get(name)
            if file is None:
                raise Problem("not_found")
            # while replicas are replaced, a page of one may ask the other: better ours than none
            keep = FOR_EVER if edition == self.edition else "no-store"
            headers = {"Cache-Control": keep}
            return Response(file.content, media_type=file.media_type, headers=headers)

        return router
