"""The HTTP client with which one service asks another."""

import httpx


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
