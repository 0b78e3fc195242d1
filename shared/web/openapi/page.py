"""The page on which people read an API and try it: Swagger UI, from this host alone.

Its files come with the package `fastapi-offline`; nothing is asked of the internet.
"""

from importlib.resources import files
from pathlib import Path
from typing import Literal

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse

_PAGE = Path(__file__).with_name("page.html")
_ASSETS = files("fastapi_offline") / "static"
_FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}


def add_page(app: FastAPI) -> None:
    """`/docs/`, with all that it needs beside it, so that a gateway may put it anywhere."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> RedirectResponse:
        return RedirectResponse("/docs/", status_code=308)

    @app.get("/docs/", include_in_schema=False)
    async def docs_page() -> HTMLResponse:
        return HTMLResponse(_PAGE.read_text("utf-8").replace("{{title}}", app.title))

    @app.get("/docs/openapi.json", include_in_schema=False)
    async def docs_document() -> JSONResponse:
        return JSONResponse(app.openapi())

    @app.get("/docs/{name}", include_in_schema=False)
    async def docs_file(
        name: Literal["swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"],
    ) -> FileResponse:
        return FileResponse(str(_ASSETS / name), headers=_FOR_A_DAY)
