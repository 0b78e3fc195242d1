"""Who may call what: every route is guarded by the one table, or public on purpose."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from klik.contracts import docs
from shared.messaging.topology import SERVICES
from shared.web.api_keys import digest
from shared.web.auth import ACCESS, Role, Scope, authorize
from shared.web.permissions import OF_ONE_KECAMATAN
from tests.support.keys import KEYS, key_row, keyring_text
from tests.support.storeless import credential, open_storeless

#: Without a key, for a reason: probes and metrics are for the machinery, the documents hold nothing
#: secret, a requester follows a consultation by ticket and PIN, an officer whose page has a session
#: is let in for an operation of this table, who signs in has nothing yet, an e-mail's reader stops
#: more of them by its link, providers sign what they call, and the open edition is for all.
PUBLIC = {
    "livez",
    "readyz",
    "metrics_page",
    "openapi",
    "docs",
    "docs_page",
    "docs_document",
    "docs_file",
    "track",
    "track_token",
    "send_link",
    "track_page",
    "track_by_form",
    "follow_page",
    "follow_move",
    "follow_end",
    "submit_page",
    "submit_by_form",
    "queue_page",
    "service_worker",
    "officer_page",
    "officer_page_of",
    "webhook_page",
    "unsubscribe_page",
    "unsubscribe",
    "sign_in_page",
    "sign_in",
    "sign_out",
    "account_sign_in",
    "account_back",
    "dashboard_access",
    "roster_access",
    "roster_page",
    "roster_page_of",
    "roster_change",
    "inbox_page",
    "inbox_mark",
    "handling_page",
    "handling_move",
    "page_file",
    "verify_whatsapp",
    "whatsapp_callback",
    "gateway_callback",
    "dashboard",
    "dashboard_file",
    "read_open_overview",
    "read_reference",
}
KEYRING = keyring_text()
#: People sign in with it: that is a route more.
ISSUER = {
    "oidc_issuer": "https://login.example",
    "oidc_audience": "klik-desa",
    "oidc_jwks": "https://login.example/jwks",
    "oidc_client_id": "klik-halaman",
}
OWN_TEXTS = {"list_saved_replies", "save_reply", "delete_saved_reply"}
#: What an officer may not do outside of the own kecamatan is about a consultation or a satgas.
OWN = {name for name, line in ACCESS.items() if Scope.OWN in line.values()}


@dataclass(frozen=True)
class Route:
    service: str
    name: str
    path: str
    method: str
    guarded: bool


def routes(service: str) -> Iterator[Route]:
    for route in iter_route_contexts(docs.build(service, **ISSUER).app.routes):
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


def test_officers_coordinators_and_camat_alone_are_bound_to_a_kecamatan() -> None:
    for name, line in ACCESS.items():
        bound = {role for role, scope in line.items() if scope is Scope.OWN}
        assert bound == (line.keys() & OF_ONE_KECAMATAN if name in OWN else set()), name


def test_what_is_not_bound_to_a_kecamatan_has_none() -> None:
    """Calendar and rules: an officer may read them whole, and change none. Saved replies
    are the officer's own, wherever."""
    for role in OF_ONE_KECAMATAN:
        unbound = {name for name, line in ACCESS.items() if role in line} - OWN
        more = set() if role is Role.CAMAT else {"read_local_calendar", "read_policy", *OWN_TEXTS}
        assert unbound == {"read_calendar"} | more


def test_reach_of_front_ends_and_requesters_is_never_everything() -> None:
    """But for taking in, and for the calendar, which is of nobody."""
    unbound = {"submit_consultation", "submit_batch", "read_calendar"}
    for name, line in ACCESS.items():
        if name not in unbound:
            assert line.get(Role.FRONTEND) in (None, Scope.POSTED), name
        assert line.get(Role.REQUESTER) in (None, Scope.ONE), name
        of_others = {line[role] for role in line.keys() - {Role.FRONTEND, Role.REQUESTER}}
        assert not of_others & {Scope.POSTED, Scope.ONE}, name


#: What only the requester does: nobody does it in the requester's name.
ONLY_THEIRS = {"withdraw_consultation", "rate_consultation"}


#: Of reporting, what is seen of one kecamatan.
OVERSEEING = {
    "report_consultations",
    "report_consultations_csv",
    "report_consultations_xlsx",
    "report_consultations_parquet",
    "list_members",
    "list_members_csv",
    "list_members_xlsx",
    "read_overview",
    "stream_changes",
    "create_stream_token",
    "list_summaries",
}


def test_roles_build_on_each_other() -> None:
    may = {role: {name for name, line in ACCESS.items() if role in line} for role in Role}
    assert may[Role.COORDINATOR] - may[Role.OFFICER] == {
        "put_satgas",
        "read_recipient",
        "put_recipient",
        *OVERSEEING,
    }
    # nothing of a consultation but that it is counted
    assert may[Role.CAMAT] == OVERSEEING | {"read_calendar"}
    assert may[Role.OFFICER] < may[Role.COORDINATOR] < may[Role.DPMD] < may[Role.ADMIN]
    # nobody reads the contacts of many but the service that tells them
    assert may[Role.ADMIN] == set(ACCESS) - {"read_contacts", *ONLY_THEIRS, "read_status"}
    assert may[Role.REQUESTER] == ONLY_THEIRS | {
        "read_consultation",
        "read_status",
        "add_message",
        "close_consultation",
        "reopen_consultation",
    }
    webhooks = {name for name in ACCESS if "webhook" in name}
    assert may[Role.FRONTEND] == webhooks | {
        "submit_consultation",
        "submit_batch",
        "read_status",
        "list_deliveries",
        "read_calendar",
    }
    # each service of ours what it asks for, and the calendar; nobody else is told contacts
    calendar = {"read_calendar"}
    assert may[Role.NOTIFY] == {"read_contacts"} | calendar
    assert may[Role.REPORTING] == {"count_accepted", "read_policy"} | calendar
    assert [role for role in Role if "read_contacts" in may[role]] == [Role.NOTIFY]
    assert may[Role.ANALYST] == {
        "report_consultations",
        "report_consultations_csv",
        "report_consultations_xlsx",
        "report_consultations_parquet",
        "read_overview",
        "stream_changes",
        "create_stream_token",
        "list_summaries",
        "reconcile_counts",
        "read_calendar",
    }


@pytest.fixture(scope="module")
async def clients() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Each service's app, open, but with no store: who gets past authorization gets 422 or 503."""
    async with open_storeless(KEYRING) as found:
        yield found


@pytest.fixture(scope="module")
async def without_territory() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """With keys of officers and coordinators that no kecamatan was given to."""
    rows = [key_row(f"lost-{role}", KEYS[role], role) for role in OF_ONE_KECAMATAN]
    async with open_storeless(keyring_text(*rows)) as found:
        yield found


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
    reply = await call(clients, route, f"Bearer {credential(role)}")

    if role is Role.REQUESTER and route.service != "intake":
        assert reply.status_code == 401, "only intake knows requesters"
    elif role in ACCESS[route.name]:
        assert reply.status_code not in (401, 403, 404, 405)
    else:
        assert reply.status_code == 403
        assert reply.json()["type"] == "urn:klikdesa:problem:forbidden"


@pytest.mark.parametrize("role", sorted(OF_ONE_KECAMATAN))
@pytest.mark.parametrize("route", [one for one in GUARDED if one.name in OWN], ids=name_of)
async def test_without_a_territory_nothing_is_seen(
    without_territory: dict[str, httpx.AsyncClient], route: Route, role: Role
) -> None:
    reply = await call(without_territory, route, f"Bearer {KEYS[role]}")
    assert reply.status_code == 403


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
        f"Bearer {digest(KEYS[Role.ADMIN])}",
        "Bearer e30.e30.e30",
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
