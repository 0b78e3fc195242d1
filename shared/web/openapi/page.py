"""The page on which people read an API and try it: Swagger UI, from this host alone.

Its files come with the package `fastapi-offline`; nothing is asked of the internet.
"""

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Literal

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse

from shared.web.pages.routes import page_router

_ASSETS = files("fastapi_offline") / "static"
_HTML = Path(__file__).with_name("page.html").read_text("utf-8")
_SCRIPT_HASHES = " ".join(
    f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
    for script in re.findall(r"<script>(.*?)</script>", _HTML, re.DOTALL)
)
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'self' {_SCRIPT_HASHES}",
        # Swagger UI writes styles into its elements
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}


def add_page(app: FastAPI) -> None:
    """`/docs/`, with all that it needs beside it, so that a gateway may put it anywhere."""
    router = page_router()

    @router.get("/docs")
    async def docs() -> RedirectResponse:
        return RedirectResponse("/docs/", status_code=308)

    @router.get("/docs/")
    async def docs_page() -> HTMLResponse:
        headers = {"Content-Security-Policy": POLICY}
        return HTMLResponse(_HTML.replace("{{title}}", app.title), headers=headers)

    @router.get("/docs/openapi.json")
    async def docs_document() -> JSONResponse:
        return JSONResponse(app.openapi())

    @router.get("/docs/{name}")
    async def docs_file(
        name: Literal["swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"],
    ) -> FileResponse:
        return FileResponse(str(_ASSETS / name), headers=_FOR_A_DAY)

    app.include_router(router)
