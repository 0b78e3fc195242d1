"""All services' apps without any store: what is not refused is answered with 503, at once."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from klik.contracts import docs
from services.intake.requester_tokens import PURPOSE, RequesterTokens
from services.intake.store.encryption import EnvelopeEncryption
from shared.messaging.topology import SERVICES
from shared.storage import mongo
from shared.times import new_id, utc_now
from shared.web.permissions import Role
from tests.support.keys import KEYS


@asynccontextmanager
async def open_storeless(
    keyring: str, headers: dict[str, str] | None = None, **settings: Any
) -> AsyncGenerator[dict[str, httpx.AsyncClient]]:
    """A client of each service, ready for requests; `headers` go with all of them. `settings`: of
    the services; many ask with wrong keys, or none, and are not limited where these do not say so.
    """
    settings = {"limit_wrong_keys": None, "limit_anonymous": None, **settings}
    async with AsyncExitStack() as stack:
        clients = {}
        for name in SERVICES:
            with pytest.MonkeyPatch.context() as patch:
                # three layers of the product pass no timeout on to the database
                patch.setattr(mongo, "TIMEOUT_MS", 20)
                service = docs.build(name, keyring=keyring, **settings)
            stack.push_async_callback(service.database.close)
            service.prepared = True
            transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)
            clients[name] = await stack.enter_async_context(client)
        yield clients


def credential(role: Role) -> str:
    """A key of `keyring_text()`; of a requester a token, as the intake of here signs it."""
    if role is not Role.REQUESTER:
        return KEYS[role]
    encryption = EnvelopeEncryption.parse(docs.NO_MASTER_KEY)
    tokens = RequesterTokens(encryption.secrets(PURPOSE), timedelta(days=1), utc_now)
    return tokens.issue(new_id()).text
