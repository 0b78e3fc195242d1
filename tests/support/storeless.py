"""All services' apps without any store: what is not refused is answered with 503, at once."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from klik.contracts import docs
from shared.messaging.topology import SERVICES
from shared.storage import mongo


@asynccontextmanager
async def open_storeless(
    keyring: str, headers: dict[str, str] | None = None
) -> AsyncGenerator[dict[str, httpx.AsyncClient]]:
    """A client of each service, ready for requests; `headers` go with all of them."""
    async with AsyncExitStack() as stack:
        clients = {}
        for name in SERVICES:
            with pytest.MonkeyPatch.context() as patch:
                # three layers of the product pass no timeout on to the database
                patch.setattr(mongo, "TIMEOUT_MS", 20)
                service = docs.build(name, keyring=keyring)
            stack.push_async_callback(service.database.close)
            service._prepared = True
            transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)
            clients[name] = await stack.enter_async_context(client)
        yield clients
