"""Links in alerts: each opens, behind the gateway and without a key, a page for people."""

import re
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

import httpx
import pytest

from klik.contracts import docs
from klik.gateway.routes import Route, find
from klik.preview import PUBLIC_URL, UNSUBSCRIBE, shown, wanted
from shared.messaging.topology import SERVICES
from shared.service import Service

EVERY = [pytest.param(*one, id="-".join(one)) for one in wanted(None, None)]


@pytest.fixture(scope="module")
async def clients() -> AsyncIterator[Mapping[str, httpx.AsyncClient]]:
    """Each service's app, open, without a store: pages that say what to do need none."""
    services: dict[str, Service] = {name: docs.build(name) for name in SERVICES}
    found = {}
    for name, service in services.items():
        service.prepared = True
        transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
        found[name] = httpx.AsyncClient(transport=transport, base_url="http://test")
    yield found
    for name, service in services.items():
        await found[name].aclose()
        await service.database.close()


def upstream(path: str) -> str | None:
    """Where the gateway sends it."""
    found = find(path)
    return found.line.service if found and isinstance(found.line, Route) else None


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(("event", "recipient"), EVERY)
async def test_link_opens_a_page_when_its_reader_has_no_key(
    event: str, recipient: str, language: str, clients: Mapping[str, httpx.AsyncClient]
) -> None:
    text = shown(event, recipient, language, "text")  # type: ignore[arg-type]
    links = re.findall(rf"^{re.escape(PUBLIC_URL)}\S*$", text, re.MULTILINE)
    stops = [one for one in links if f"?izin={UNSUBSCRIBE}&" in one]
    assert len(stops) == (recipient == "requester")
    assert all(upstream(urlsplit(one).path) == "notify" for one in stops)
    links = [one for one in links if one not in stops]
    assert len(links) == 1, text
    parts = urlsplit(links[0])
    service = upstream(parts.path)
    assert service is not None, f"the gateway does not know {parts.path}"
    reply = await clients[service].get(
        f"{parts.path}?{parts.query}",
        headers={"Accept-Language": language},
        follow_redirects=True,
    )
    assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert f'<html lang="{language}"' in reply.text
    assert all("set-cookie" not in one.headers for one in reply.history)
    # of an officer it asks for the access code: what proves that form opens nothing
    asks = "klik_masuk=" if reply.url.path == "/masuk" else ""
    assert reply.headers.get("set-cookie", "").startswith(asks)
    assert bool(asks) is ("set-cookie" in reply.headers)
