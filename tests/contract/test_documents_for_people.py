"""The OpenAPI documents as somebody reads them who has to call us: nothing is left to guess."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from klik.contracts import docs
from shared.messaging.topology import SERVICES

Json = dict[str, Any]
DOCUMENTS: dict[str, Json] = {name: docs.openapi(name) for name in SERVICES}
#: FastAPI's summary of a function without a docstring is its name; this is how such a one reads.
NAMES_ONLY = {
    operation["operationId"]: operation["operationId"].replace("_", " ").title()
    for document in DOCUMENTS.values()
    for path in document["paths"].values()
    for operation in path.values()
}


def operations(service: str) -> Iterator[Json]:
    for path in DOCUMENTS[service]["paths"].values():
        yield from path.values()


def bodies(service: str) -> Iterator[tuple[str, Json]]:
    """Every JSON body that is taken and every one that is answered where all went well."""
    for operation in operations(service):
        name = operation["operationId"]
        if asked := operation.get("requestBody", {}).get("content", {}).get("application/json"):
            yield f"{name}: request", asked
        for status, response in operation["responses"].items():
            answered = response.get("content", {}).get("application/json")
            if status.startswith("2") and answered:
                yield f"{name}: {status}", answered


def wrong_in(service: str, body: Json) -> list[str]:
    """What the document's own schema says against the body's example."""
    schema = {**body["schema"], "components": DOCUMENTS[service]["components"]}
    found = Draft202012Validator(schema).iter_errors(body["example"])
    return [f"{one.json_path}: {one.message[:200]}" for one in found]


@pytest.mark.parametrize("service", SERVICES)
def test_body_has_an_example_when_it_is_taken_or_answered(service: str) -> None:
    assert [where for where, body in bodies(service) if "example" not in body] == []


@pytest.mark.parametrize("service", SERVICES)
def test_example_fits_its_schema_when_it_is_published(service: str) -> None:
    wrong = {
        where: found
        for where, body in bodies(service)
        if "example" in body and (found := wrong_in(service, body))
    }
    assert wrong == {}


@pytest.mark.parametrize("service", SERVICES)
def test_operation_is_in_a_group_that_is_explained_when_it_is_published(service: str) -> None:
    explained = {tag["name"] for tag in DOCUMENTS[service].get("tags", ()) if tag["description"]}
    alone = [
        one["operationId"]
        for one in operations(service)
        if not set(one.get("tags", ())) & explained
    ]
    assert alone == []


@pytest.mark.parametrize("service", SERVICES)
def test_operation_says_what_it_is_for_when_it_is_published(service: str) -> None:
    unsaid = [
        one["operationId"]
        for one in operations(service)
        if one.get("summary", "") in ("", NAMES_ONLY[one["operationId"]])
        or not one.get("description")
    ]
    assert unsaid == []


@pytest.mark.parametrize("service", SERVICES)
def test_field_and_parameter_are_explained_when_they_are_published(service: str) -> None:
    document = DOCUMENTS[service]
    fields = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if not described.get("description") and "$ref" not in described
    ]
    parameters = [
        f"{one['operationId']}: {parameter['name']}"
        for one in operations(service)
        for parameter in one.get("parameters", ())
        if not parameter.get("description")
    ]
    assert fields + parameters == []


@pytest.mark.parametrize("service", SERVICES)
def test_document_names_its_server_when_a_client_is_made_of_it(service: str) -> None:
    assert [one["url"] for one in DOCUMENTS[service].get("servers", ())] == ["/"]


@pytest.mark.parametrize("service", SERVICES)
def test_schema_has_a_name_of_its_own_when_clients_make_classes_of_it(service: str) -> None:
    schemas = DOCUMENTS[service]["components"]["schemas"]

    assert [name for name in schemas if "__" in name] == []
