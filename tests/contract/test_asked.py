"""What a route does not know it refuses, on every route that a document of ours describes."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klik.contracts import docs
from shared.messaging.topology import SERVICES
from shared.text.characters import visible
from shared.web.permissions import ACCESS
from tests.support.keys import bearer, keyring_text
from tests.support.storeless import credential, open_storeless

#: A misspelt filter, those that a front-end may think of, what links gain, and other cases.
UNKNOWN = ("statsu", "query", "sort", "utm_source", "LIMIT", "from[]", "limit ", "%00")
FILLED = {"{name}": "topics", "{kecamatan}": "64.02.06", "{ticket}": "KD-7K3M-9QXA"}
AN_ID = "019aa000-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Operation:
    service: str
    name: str
    method: str
    path: str
    parameters: tuple[str, ...]
    takes_body: bool

    @property
    def url(self) -> str:
        path = self.path
        for place, value in FILLED.items():
            path = path.replace(place, value)
        return path.replace("{id}", "0" * 32 if "alerts" in path else AN_ID)


def operations() -> Iterator[Operation]:
    for service in SERVICES:
        for path, methods in docs.openapi(service)["paths"].items():
            for method, document in methods.items():
                query = (one for one in document.get("parameters", ()) if one["in"] == "query")
                yield Operation(
                    service,
                    document["operationId"],
                    method.upper(),
                    path,
                    tuple(one["name"] for one in query),
                    "requestBody" in document,
                )


OPERATIONS = list(operations())
LISTS = [one for one in OPERATIONS if one.parameters]


def name_of(value: object) -> str | None:
    return f"{value.service}-{value.name}" if isinstance(value, Operation) else None


@pytest.fixture(scope="module")
async def clients() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Each service's app, open, but with no store: what is not refused gets 503."""
    async with open_storeless(keyring_text()) as found:
        yield found


async def ask(
    clients: Mapping[str, httpx.AsyncClient], operation: Operation, **more: Any
) -> tuple[int, set[tuple[str, str]]]:
    """The status, and pointer and code of each fault."""
    roles = sorted(ACCESS.get(operation.name, ()))
    headers = bearer(credential(roles[0])) if roles else {"X-Pin": "123456"}
    client = clients[operation.service]
    reply = await client.request(operation.method, operation.url, headers=headers, **more)
    problem = reply.json() if "json" in reply.headers.get("content-type", "") else {}
    faults = {(one["pointer"], one["code"]) for one in problem.get("errors") or ()}
    return reply.status_code, faults


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_parameter_is_refused_when_the_route_does_not_know_it(
    clients: dict[str, httpx.AsyncClient], operation: Operation
) -> None:
    status, faults = await ask(clients, operation, params=dict.fromkeys(UNKNOWN, "closed"))

    expected = {(f"query:{name}", "extra_forbidden") for name in UNKNOWN}
    assert (status, faults & expected) == (422, expected)


@pytest.mark.parametrize("operation", LISTS, ids=name_of)
async def test_parameter_is_refused_when_it_is_given_twice(
    clients: dict[str, httpx.AsyncClient], operation: Operation
) -> None:
    """Else the last would count, and the first would be answered as if it had not been there."""
    twice = [(name, value) for name in operation.parameters for value in ("1", "2")]

    status, faults = await ask(clients, operation, params=twice)

    expected = {(f"query:{name}", "repeated") for name in operation.parameters}
    assert (status, faults & expected) == (422, expected)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(name=NAMES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_parameter_is_refused_whatever_its_name_when_the_inbox_does_not_know_it(
    clients: dict[str, httpx.AsyncClient], name: str
) -> None:
    inbox = next(one for one in OPERATIONS if one.name == "list_consultations")
    if name in inbox.parameters:
        return
    status, faults = await ask(clients, inbox, params={name: "1"})
    # said back without what cannot be seen in it
    assert (status, faults) == (422, {(f"query:{visible(name)}", "extra_forbidden")})


@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS if one.method in ("POST", "PUT") and not one.takes_body],
    ids=name_of,
)
async def test_body_is_refused_when_the_route_takes_none(
    clients: dict[str, httpx.AsyncClient], operation: Operation
) -> None:
    assert await ask(clients, operation, json={"reason": "done"}) == (
        422,
        {("", "extra_forbidden")},
    )
    empty: list[dict[str, Any]] = [{"json": {}}, {"content": b""}]
    for nothing in empty:
        assert (await ask(clients, operation, **nothing))[0] != 422


async def test_field_of_a_batch_is_refused_when_it_is_unknown(
    clients: dict[str, httpx.AsyncClient],
) -> None:
    batch = next(one for one in OPERATIONS if one.name == "submit_batch")
    status, faults = await ask(clients, batch, json={"items": [{}], "itmes": []})
    assert (status, faults) == (422, {("/itmes", "extra_forbidden")})


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_unknown_parameter_tells_nothing_when_there_is_no_key(
    clients: dict[str, httpx.AsyncClient], operation: Operation
) -> None:
    reply = await clients[operation.service].request(
        operation.method, operation.url, params={"q": "1"}
    )
    assert (reply.status_code == 401) is (operation.name in ACCESS)


@pytest.mark.parametrize("page", ["/", "/dashboard/icon.svg", "/livez", "/openapi.json"])
async def test_page_is_shown_when_a_link_to_it_gained_parameters(
    clients: dict[str, httpx.AsyncClient], page: str
) -> None:
    reply = await clients["reporting"].get(page, params={"utm_source": "x", "fbclid": "y"})
    assert reply.status_code == 200


async def test_callback_is_looked_at_when_the_provider_added_parameters(
    clients: dict[str, httpx.AsyncClient],
) -> None:
    for method, path in (("GET", "whatsapp"), ("POST", "whatsapp"), ("POST", "gateway/x")):
        asked = await clients["notify"].request(
            method, f"/v1/callbacks/{path}", params={"ref": "1"}, json={"a": 1}
        )
        assert asked.status_code in (403, 404)
