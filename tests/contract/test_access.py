"""Who may call what: every route is guarded by the one table, or public on purpose."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from klik import docs
from shared import mongo
from shared.identity import ACCESS, Role, authorize
from shared.runtime import Service
from shared.topology import SERVICES

#: Without a key, for a reason: probes and metrics are for the machinery, the documents hold nothing
#: secret, and a requester follows a consultation by ticket and PIN.
PUBLIC = {
    "livez",
    "readyz",
    "metrics_page",
    "openapi",
    "swagger_ui_html",
    "swagger_ui_redirect",
    "track",
}
KEYS: Mapping[Role, str] = {role: f"key of {role}" for role in Role}
KEYRING = json.dumps(
    [
        {"id": f"test-{role}", "role": role, "sha256": hashlib.sha256(key.encode()).hexdigest()}
        for role, key in KEYS.items()
    ]
)


@dataclass(frozen=True)
class Route:
    service: str
    name: str
    path: str
    method: str
    guarded: bool


def routes(service: str) -> Iterator[Route]:
    for route in iter_route_contexts(docs.build(service).app.routes):
        if route.name is None or route.path is None:
            raise AssertionError(f"{service}: {route.route!r} is of a kind unknown here")
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield Route(service, route.name, route.path, method, _is_guarded(route))


def _is_guarded(route: RouteContext) -> bool:
    def asks(dependant: Dependant | None) -> bool:
        return dependant is not None and (
            dependant.call is authorize or any(asks(one) for one in dependant.dependencies)
        )

    return asks(getattr(route, "dependant", None))


ROUTES = [route for service in SERVICES for route in routes(service)]
GUARDED = [route for route in ROUTES if route.guarded]


def name_of(value: object) -> str | None:
    return f"{value.method} {value.path}" if isinstance(value, Route) else None


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.service}-{route.name}")
def test_route_is_guarded_or_public_on_purpose(route: Route) -> None:
    assert route.guarded is (route.name not in PUBLIC), "guard it, or say above why not"
    if route.guarded:
        assert route.name in ACCESS, "without a line in ACCESS it answers 403 to everybody"


def test_table_names_no_route_that_does_not_exist() -> None:
    assert ACCESS.keys() <= {route.name for route in GUARDED}
    assert PUBLIC.issubset(route.name for route in ROUTES)


def test_guarded_routes_have_names_of_their_own() -> None:
    """The table goes by name: two routes of one name would share its line."""
    names = [route.name for route in GUARDED]

    assert sorted(names) == sorted(set(names))


def test_table_locks_nobody_out_of_everything() -> None:
    assert all(roles for roles in ACCESS.values())
    assert set(Role) == {role for roles in ACCESS.values() for role in roles}


@pytest.fixture(scope="module")
async def clients() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Each service's app, open, but with no store: who gets past authorization gets 422 or 503."""
    services: dict[str, Service] = {}
    found = {}
    for name in SERVICES:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(mongo, "TIMEOUT_MS", 20)
            services[name] = service = docs.build(name, keyring=KEYRING)
        service._prepared = True
        transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
        found[name] = httpx.AsyncClient(transport=transport, base_url="http://test")
    yield found
    for name in SERVICES:
        await found[name].aclose()
        await services[name].database.close()


async def call(
    clients: Mapping[str, httpx.AsyncClient], route: Route, key: str | None
) -> httpx.Response:
    path = route.path.replace("{", "").replace("}", "")
    headers = {} if key is None else {"Authorization": key}
    return await clients[route.service].request(route.method, path, headers=headers)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", GUARDED, ids=name_of)
async def test_role_and_route(
    clients: dict[str, httpx.AsyncClient], route: Route, role: Role
) -> None:
    reply = await call(clients, route, f"Bearer {KEYS[role]}")

    if role in ACCESS[route.name]:
        assert reply.status_code not in (401, 403, 404, 405)
    else:
        assert reply.status_code == 403
        assert reply.json()["type"] == "urn:klikdesa:problem:forbidden"


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {KEYS[Role.ADMIN]}x",
        f"Bearer {KEYS[Role.ADMIN].upper()}",
        f"Basic {KEYS[Role.ADMIN]}",
        KEYS[Role.ADMIN],
        f"Bearer {hashlib.sha256(KEYS[Role.ADMIN].encode()).hexdigest()}",
    ],
)
@pytest.mark.parametrize("route", GUARDED, ids=name_of)
async def test_without_a_valid_key(
    clients: dict[str, httpx.AsyncClient], route: Route, key: str | None
) -> None:
    reply = await call(clients, route, key)

    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.json()["type"] == "urn:klikdesa:problem:unauthorized"


async def test_a_closed_service_tells_nobody_anything() -> None:
    """Before it is prepared, only probes and documents answer, whatever the key."""
    service = docs.build("intake", keyring=KEYRING)
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for route in ROUTES:
            if route.service == "intake" and (route.guarded or route.name == "track"):
                reply = await call({"intake": client}, route, f"Bearer {KEYS[Role.ADMIN]}")
                assert reply.status_code == 503
                assert reply.headers["retry-after"]
        assert (await client.get("/livez")).status_code == 200
    await service.database.close()
