"""The OpenAPI documents against the running services: Schemathesis, with all of its checks."""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import ignored_auth

from klik.contracts import docs
from klik.local.processes import ServiceProcess, stop_all
from klik.local.secrets import make_secrets, read_keys
from klik.nodes import free_port
from shared import reference
from shared.messaging.topology import SERVICES
from shared.web.auth import ACCESS
from tests.support.backends import Backends
from tests.support.builders import TENGGARONG, a_post
from tests.support.messaging import empty_queues

pytestmark = pytest.mark.integration

Case = schemathesis.Case[Any]

#: Derandomized: every run sends the same requests, so that a failure can be looked at.
CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {
            "deterministic": True,
            "max-examples": 30,
            "database": "none",
            # each request carries the right key; that others get 401 is a check of its own
            "with-security-parameters": False,
        },
        # ids out of earlier replies are new with every run
        "phases": {"fuzzing": {"extra-data-sources": {"responses": False}}},
    }
)
#: Seconds for a consultation, behind those of the fuzzing, to go through all services.
SOON = 60.0
MEMBERS = "of=assigned&limit=10000"  # all of them: fuzzing posts more than a page holds


class Running:
    """The four services, and who may call them."""

    def __init__(self, services: Mapping[str, ServiceProcess], keys: Mapping[str, str]) -> None:
        self._services = services
        self._keys = keys
        self._guarded: set[str] = set()

    def url(self, service: str) -> str:
        return self._services[service].url

    def headers(self, operation: str) -> dict[str, str]:
        """The key of a role that may do it; none for what is public."""
        roles = sorted(ACCESS.get(operation, ()))
        return {"Authorization": f"Bearer {self._keys[roles[0]]}"} if roles else {}

    def validate(self, case: Case, **headers: str) -> schemathesis.Response:
        """Send it with the right key and apply every check to the reply."""
        operation = operation_of(case)
        response = case.call_and_validate(
            base_url=self.url(service_of(case)),
            headers=self.headers(operation) | headers,
            # it sends two more requests each time; that a key is asked for needs one proof
            excluded_checks=[ignored_auth] if operation in self._guarded else [],
        )
        if response.status_code < 300:
            self._guarded.add(operation)
        return response


@pytest.fixture(scope="module")
def running(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    # what other tests left there would be counted beside what intake accepted
    asyncio.run(empty_queues(backends.amqp_url))
    folder = tmp_path_factory.mktemp("contracts")
    make_secrets(folder / "secrets", passwords=False)
    ports = {name: free_port() for name in SERVICES}
    env = {
        "KLIK_AMQP_URL": backends.amqp_url,
        "KLIK_MONGO_URL": backends.mongo_url,
        "KLIK_MONGO_PREFIX": f"contract_{uuid.uuid4().hex[:8]}",
        "KLIK_SECRETS_DIR": str(folder / "secrets"),
        "KLIK_INTAKE_URL": f"http://127.0.0.1:{ports['intake']}",
        "KLIK_ROUTING_URL": f"http://127.0.0.1:{ports['routing']}",
    }
    services = {
        name: ServiceProcess(name, env, folder / "logs" / f"{name}.log", ports[name])
        for name in SERVICES
    }
    try:
        for service in services.values():
            service.start()
        for service in services.values():
            service.wait_ready()
        keys = read_keys(folder / "secrets")
        receipt = httpx.post(
            f"{services['intake'].url}/v1/consultations",
            json=a_post(),
            headers={"Authorization": f"Bearer {keys['frontend']}"},
        )
        yield Running(services, keys | {"requester": receipt.json()["token"]})
    finally:
        stop_all(list(services.values()))
    for service in services.values():
        assert "request failed" not in service.log.read_text(), service.tail()


# What OpenAPI cannot say


def only_real_desa(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the desa of today in place of the pattern that their codes fit.

    They come and go with regulations, so that the published document gives the pattern only; a code
    that fits it and is no desa is refused with 422, and rightly so. Fuzzing with real ones shows
    that every other valid field is accepted.
    """
    changed: dict[str, Any] = json.loads(json.dumps(document))
    desa = [one.code for one in reference.regions().values() if one.type in ("desa", "kelurahan")]

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if "desa_code" in part.get("properties", ()):
                part["properties"]["desa_code"] = {"type": "string", "enum": desa}
            for inner in part.values():
                walk(inner)

    walk(changed["components"]["schemas"])
    return changed


def filter_failure(
    context: schemathesis.HookContext,
    failure: Failure,
    case: Case,
    response: schemathesis.Response,
) -> bool:
    """False for what looks like a failure and is right: each by its operation and its code."""
    operation = operation_of(case)
    if isinstance(failure, RejectedPositiveData):
        codes = {error["code"] for error in response.json().get("errors", ())}
        if operation in DO_NOT_GO_TOGETHER:
            # an ETag of another edition, or parts that do not go together
            together = DO_NOT_GO_TOGETHER[operation]
            return not (response.status_code == 412 or (codes and codes <= together))
        # parameters, each valid, that do not go together
        return not (codes and codes <= RANGES.get(operation, set()))
    # a batch is judged item by item: the reply is 207, and the bad item has its own 422 inside
    batch = operation == "submit_batch" and response.status_code == 207
    if batch and isinstance(failure, AcceptedNegativeData):
        return 422 not in {result["status"] for result in response.json()["results"]}
    return True


def with_new_keys(case: Case) -> None:
    """An idempotency key of its own for each valid post: a known one, with another body, is 422."""
    headers: Any = case.headers
    body: Any = case.body
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = new_key(headers["Idempotency-Key"])
    for item in body["items"] if operation_of(case) == "submit_batch" else ():
        if item.get("idempotency_key") is not None:
            item["idempotency_key"] = new_key(item["idempotency_key"])


#: One of each kind of address; that OpenAPI says what they are made of would refuse most spellings.
ADDRESSES = {"email": "desa@contoh.example", "telegram": "123456789"}
A_NUMBER = "0812-5555 1234"


def with_addresses(part: Any) -> None:
    """An address that its channel has, in each place for one."""
    if isinstance(part, dict):
        if isinstance(part.get("address"), str):
            part["address"] = ADDRESSES.get(part.get("channel", ""), A_NUMBER)
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        with_addresses(inner)


def new_key(key: str, _numbers: Iterator[int] = itertools.count()) -> str:  # noqa: B008 - one count
    """As long as `key`, where that leaves room for a number."""
    return f"{next(_numbers):06d}".rjust(len(key), "k")


IN_A_RANGE = {"range_inverted", "range_too_long", "unknown_as_of"}
IN_A_REPORT = IN_A_RANGE | {"not_open", "too_many_groups", "unknown_cursor"}
#: What valid parameters can be refused for together, by operation.
RANGES = {
    # years that no package of holidays reckons yet
    "read_calendar": {"not_known_yet"},
    "count_accepted": IN_A_RANGE,
    "report_consultations": IN_A_REPORT,
    "report_consultations_csv": IN_A_REPORT | {"delimiter_is_decimal"},
    "report_consultations_xlsx": IN_A_REPORT,
    "report_consultations_parquet": IN_A_REPORT,
    "list_members": IN_A_RANGE,
    "list_members_csv": IN_A_RANGE | {"delimiter_is_decimal"},
    "list_members_xlsx": IN_A_RANGE,
    "read_overview": IN_A_RANGE,
    "list_summaries": IN_A_RANGE,
    "reconcile_counts": IN_A_RANGE,
}
IN_A_ROSTER = {
    "camat_is_officer",
    "duplicate_officer",
    "has_open_cases",
    "leave_overlaps",
    "nobody_left",
    "range_inverted",
    "unknown_officer",
}
IN_A_WEBHOOK = {
    "address_not_public",
    "bad_url",
    "https_required",
    "too_many",
    "unknown_recipient",
    "unknown_region",
}
#: What a body that fits its schema can still be refused for, by operation.
DO_NOT_GO_TOGETHER = {
    "put_satgas": IN_A_ROSTER,
    # names of fields have no marks that cannot be seen, which a schema cannot say
    "put_policy": {"value_error", "control_characters"},
    "put_recipient": set(),
    "create_webhook": IN_A_WEBHOOK,
    "put_webhook": IN_A_WEBHOOK,
    "put_local_calendar": {"value_error", "does_not_fit"},
}


def load(service: str) -> schemathesis.BaseSchema:
    schema = schemathesis.openapi.from_dict(only_real_desa(docs.openapi(service)), config=CONFIG)
    schema.hook(filter_failure)
    # its replies never end: a test of its own, below
    return schema.exclude(operation_id="stream_changes")


SCHEMAS = {service: load(service) for service in SERVICES if docs.openapi(service)["paths"]}


def service_of(case: Case) -> str:
    title: str = case.operation.schema.raw_schema["info"]["title"]
    return title.rpartition(" ")[2]


def operation_of(case: Case) -> str:
    name: str = case.operation.definition.raw["operationId"]
    return name


def is_valid(case: Case) -> bool:
    """Whether the request was made to be accepted."""
    return case.meta is not None and case.meta.generation.mode.is_positive


# Tests


@schemathesis.pytest.parametrize(**SCHEMAS)
def test_operation_keeps_its_contract(case: Case, running: Running) -> None:
    """Valid requests are accepted, invalid ones refused, and every reply is as documented."""
    if is_valid(case):
        with_new_keys(case)
        with_addresses(case.body)

    response = running.validate(case)

    if operation_of(case) == "submit_batch" and is_valid(case):
        results = response.json()["results"]
        assert [one for one in results if one["status"] != 202] == [], case.as_curl_command()


@pytest.mark.parametrize("service", SERVICES)
def test_running_service_shows_the_published_document(running: Running, service: str) -> None:
    published = Path(__file__).parents[2] / "docs" / "openapi" / f"{service}.json"

    shown = httpx.get(running.url(service) + "/openapi.json").json()

    assert shown == json.loads(published.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def consultation(running: Running) -> dict[str, Any]:
    """The receipt of a consultation that went through all services."""
    reply = httpx.post(
        running.url("intake") + "/v1/consultations",
        json=a_post(sdgs_goal=18, vulnerable_group=True),
        headers=running.headers("submit_consultation"),
    )
    assert reply.status_code == 202, reply.text
    receipt: dict[str, Any] = reply.json()

    def get(service: str, path: str, operation: str) -> Any:
        return httpx.get(running.url(service) + path, headers=running.headers(operation)).json()

    def is_through() -> dict[str, bool]:
        """Assigned, known as such to intake, counted as such, and everything posted is counted."""
        case = get("routing", f"/v1/cases/{receipt['id']}", "read_case")
        kept = get("intake", f"/v1/consultations/{receipt['id']}", "read_consultation")
        ledger = get("reporting", "/v1/reconciliation", "reconcile_counts")
        counted = get("reporting", f"/v1/reports/members?{MEMBERS}", "list_members")
        return {
            "assigned": case.get("state") == "assigned",
            "known to intake": kept["status"] == "assigned",
            "counted": receipt["id"] in counted["ids"],
            "everything counted": ledger["difference"] == 0,
        }

    within(SOON, is_through)
    return receipt


def within(seconds: float, conditions: Callable[[], dict[str, bool]]) -> None:
    until = time.monotonic() + seconds
    while not all((seen := conditions()).values()):
        assert time.monotonic() < until, f"not within {seconds} s: {seen}"
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("intake", "/v1/consultations/{id}"),
        ("intake", "/v1/track/{ticket}"),
        ("intake", "/v1/reference/{name}"),
        ("routing", "/v1/cases/{id}"),
    ],
)
def test_what_exists_reads_as_documented(
    running: Running, consultation: dict[str, Any], service: str, path: str
) -> None:
    """Fuzzing finds only 404 behind ids: here is a 200, and a 304 for who has it already."""
    values = {**consultation, "name": "regions"}
    case = SCHEMAS[service][path]["GET"].Case(
        path_parameters={name: values[name] for name in values if f"{{{name}}}" in path},
        headers={"X-Pin": consultation["pin"]} if "track" in path else {},
    )

    found = running.validate(case)
    assert found.status_code == 200

    (etag,) = found.headers["etag"]
    known = running.validate(case, **{"If-None-Match": f'"other", {etag}'})
    assert known.status_code == 304
    assert known.content == b""
    assert running.validate(case, **{"If-None-Match": '"other"'}).status_code == 200


def test_a_webhook_is_as_documented_from_its_making_to_its_end(running: Running) -> None:
    """To a host that is not there, so that nothing leaves this machine."""
    schema = SCHEMAS["notify"]
    body: Any = {"url": "https://desa.example/hook", "events": ["case.held"]}
    made = running.validate(schema["/v1/webhooks"]["POST"].Case(body=body))
    assert made.status_code == 201
    path = {"id": made.json()["id"]}

    for method, route in (
        ("GET", ""), ("PUT", ""), ("POST", "/rotate"), ("POST", "/test"), ("POST", "/pause"),
        ("POST", "/resume"), ("GET", "/deliveries"),
    ):  # fmt: skip
        operation = schema["/v1/webhooks/{id}" + route][method]
        extra: dict[str, Any] = {"body": body} if method == "PUT" else {}
        found = running.validate(operation.Case(path_parameters=path, **extra))
        assert found.status_code == 200, (method, route)
    listed = running.validate(schema["/v1/webhooks"]["GET"].Case())
    assert path["id"] in [one["id"] for one in listed.json()["webhooks"]] or listed.json()["next"]
    gone = running.validate(schema["/v1/webhooks/{id}"]["DELETE"].Case(path_parameters=path))
    assert gone.status_code == 204


def test_the_report_with_rows_is_as_documented(
    running: Running, consultation: dict[str, Any]
) -> None:
    query = {"group_by": "kecamatan,desa,topic,kind,channel,role,satgas,day,month"}
    schema = SCHEMAS["reporting"]

    table = running.validate(schema["/v1/reports/consultations"]["GET"].Case(query=query))
    csv = running.validate(schema["/v1/reports/consultations.csv"]["GET"].Case(query=query))
    members = running.validate(
        schema["/v1/reports/members"]["GET"].Case(query={"of": "assigned", "limit": 10_000})
    )
    ledger = running.validate(schema["/v1/reconciliation"]["GET"].Case())

    assert len(table.json()["rows"]) == len(csv.text.splitlines()) - 1 > 0
    assert consultation["id"] in members.json()["ids"]
    assert ledger.json()["accepted"] > 0


def test_the_dashboard_with_figures_is_as_documented(
    running: Running, consultation: dict[str, Any]
) -> None:
    schema = SCHEMAS["reporting"]
    for path in ("/v1/reports/overview", "/v1/open/overview"):
        found = running.validate(schema[path]["GET"].Case())
        assert found.json()["totals"]["submitted"] is not None
        (etag,) = found.headers["etag"]
        case = schema[path]["GET"].Case()
        assert running.validate(case, **{"If-None-Match": etag}).status_code == 304


def test_the_stream_tells_of_what_is_posted(running: Running, consultation: dict[str, Any]) -> None:
    """From the moment that the dashboard's figures are of."""
    url, headers = running.url("reporting"), running.headers("stream_changes")
    before = httpx.get(url + "/v1/reports/overview", headers=headers).json()
    with httpx.stream(
        "GET",
        url + "/v1/reports/stream",
        headers={**headers, "Last-Event-ID": before["position"]},
        timeout=SOON,
    ) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        reply = httpx.post(
            running.url("intake") + "/v1/consultations",
            json=a_post(),
            headers=running.headers("submit_consultation"),
        )
        today = reply.json()["submitted_at"][:10]
        until = time.monotonic() + SOON
        for line in stream.iter_lines():
            assert time.monotonic() < until, "it took too long"
            if line.startswith("data: "):
                rows = json.loads(line.removeprefix("data: ")).get("rows", ())
                if (today, TENGGARONG.kecamatan) in {
                    (row["day"], row["kecamatan"]) for row in rows
                }:
                    break
        else:
            raise AssertionError("the stream ended")
    after = httpx.get(url + "/v1/reports/overview", headers=headers).json()
    assert after["today"]["submitted"] > before["today"]["submitted"]


def test_every_guarded_route_is_documented() -> None:
    """A service without routes of its own is the only kind that is left out."""
    operations = {
        operation["operationId"]
        for schema in SCHEMAS.values()
        for path in schema.raw_schema["paths"].values()
        for operation in path.values()
    }

    assert operations >= ACCESS.keys()
