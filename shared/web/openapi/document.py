"""The OpenAPI document of a service: FastAPI's, with what it cannot know.

- Our Problem stands in place of FastAPI's own validation error.
- A docstring's first sentence is the operation's summary.
- Fields without a docstring are explained by `fields.json`: one word, one meaning, everywhere.
- Tags and examples come from `services/<name>/api/documentation.json`: `{"tags": [{"name",
  "description", "operations"}], "examples": {operation: {"request", "response"}}}`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.web.problems import ProblemBody

Json = dict[str, Any]

_FIELDS = Path(__file__).with_name("fields.json")
#: The origin that the document came from: a service's own port, or the gateway.
_SERVERS = [{"url": "/", "description": "Where this document was read"}]
_REFERENCES = "#/components/schemas/"


def openapi(app: FastAPI, documentation: Path | None) -> Json:
    """Made once, at the first question for it."""
    if app.openapi_schema is None:
        known: Json = json.loads(documentation.read_text("utf-8")) if documentation else {}
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=_SERVERS,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        problem = ProblemBody.model_json_schema(ref_template=_REFERENCES + "{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["ProblemBody"] = problem
        _explain(schemas)
        _tag(document, known.get("tags", ()))
        for operation in operations(document):
            _summarise(operation)
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _without_null(parameter["schema"])
                _describe(parameter, "parameter", parameter["name"])
            _show(operation, known.get("examples", {}).get(operation["operationId"], {}))
        app.openapi_schema = document
    return app.openapi_schema


def operations(document: Mapping[str, Any]) -> Iterator[Json]:
    for path in document.get("paths", {}).values():
        yield from path.values()


@cache
def _fields() -> Mapping[str, str]:
    words: dict[str, str] = json.loads(_FIELDS.read_text("utf-8"))
    return words


def _explain(schemas: Mapping[str, Any]) -> None:
    for name, schema in schemas.items():
        for field, described in schema.get("properties", {}).items():
            _describe(described, name.rpartition("__")[2], field)


def _describe(described: Json, owner: str, name: str) -> None:
    """`owner`: a word that means something else there than elsewhere is `Owner.word`."""
    words = _fields()
    if "description" not in described and (text := words.get(f"{owner}.{name}", words.get(name))):
        described["description"] = text


def _tag(document: Json, tags: Any) -> None:
    tag_of = {operation: tag["name"] for tag in tags for operation in tag["operations"]}
    document["tags"] = [{"name": tag["name"], "description": tag["description"]} for tag in tags]
    for operation in operations(document):
        if tag := tag_of.get(operation["operationId"]):
            operation["tags"] = [tag]


def _summarise(operation: Json) -> None:
    """FastAPI's own is the function's name, which says less than the docstring's first sentence."""
    first = re.split(r"\.(?:\s|$)", operation.get("description", ""), maxsplit=1)[0]
    operation["summary"] = " ".join(first.split()) or operation["summary"]


def _show(operation: Json, examples: Mapping[str, Any]) -> None:
    if "request" in examples and "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["example"] = examples["request"]
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if status.startswith("2") and "response" in examples:
            for kind in content.keys() & {"application/json", "text/event-stream", "text/csv"}:
                content[kind]["example"] = examples["response"]


def _without_null(schema: Json) -> Json:
    """An optional parameter is absent or has a value; FastAPI writes that it may be null."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**choices[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
