"""How pages and their files are routed: HEAD answers as GET does, and the server sends no body."""

from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute


class _PageRoute(APIRoute):
    """FastAPI answers 405 to HEAD, with which links are looked at before they are opened."""

    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:
        methods = {*(options.pop("methods", None) or ["GET"])}
        if "GET" in methods:
            methods.add("HEAD")
        super().__init__(path, endpoint, methods=methods, **options)


def page_router() -> APIRouter:
    """A router of pages: in no document of an API."""
    return APIRouter(include_in_schema=False, route_class=_PageRoute)
