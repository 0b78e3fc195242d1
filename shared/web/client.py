"""The HTTP client with which one service asks another, and how it reads the answers."""

from typing import TypeVar

import httpx
from pydantic import BaseModel

Shape = TypeVar("Shape", bound=BaseModel)


def service_client(
    url: str, key: str, timeout: float, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """`key`: an API key of the role `service`; `timeout`: seconds."""
    return httpx.AsyncClient(
        base_url=url,
        timeout=timeout,
        headers={"Authorization": f"Bearer {key}"},
        transport=transport,
    )


def read(reply: httpx.Response, shape: type[Shape]) -> Shape:
    """What was asked for. Raises ValueError where it is something else: a proxy's page, an answer
    of another version."""
    return shape.model_validate_json(reply.content)
