"""The contracts as documents, generated from the code: what `docs/` publishes for other programs.

    docs/schemas/<type>.json    JSON Schema (2020-12) of each event
    docs/openapi/<service>.json OpenAPI 3.1 of each service
    docs/asyncapi.json          AsyncAPI 3.0 of the whole system: who sends and receives what, where

`make docs` writes them, `tests/contract` compares them with the code.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from klik.contracts.asyncapi import Json, asyncapi
from services.intake import main as intake
from services.intake.settings import IntakeSettings
from services.notify import main as notify
from services.notify.settings import NotifySettings
from services.reporting import main as reporting
from services.reporting.settings import ReportingSettings
from services.routing import main as routing
from services.routing.settings import RoutingSettings
from shared.events import EVENTS, Event
from shared.messaging import topology
from shared.messaging.signing import EventKeys
from shared.service import Service

_CREATE: Mapping[str, Callable[[Json], Service]] = {
    "intake": lambda values: intake.create_service(IntakeSettings(**values)),
    "routing": lambda values: routing.create_service(RoutingSettings(**values)),
    "notify": lambda values: notify.create_service(NotifySettings(**values)),
    "reporting": lambda values: reporting.create_service(ReportingSettings(**values)),
}
NO_MASTER_KEY = f"none:{b64encode(bytes(32)).decode()}"
_NOWHERE: Json = {
    "_env_file": None,
    "amqp_url": "amqp://nobody:nothing@127.0.0.1:9/",
    "mongo_url": "mongodb://127.0.0.1:9/?directConnection=true",
    "keyring": "[]",
    "event_keys": EventKeys({pair: {"none": bytes(32)} for pair in topology.PAIRS}).text(),
    "secrets_dir": None,
    "master_keys": NO_MASTER_KEY,
    "intake_url": "http://127.0.0.1:9",
    "routing_url": "http://127.0.0.1:9",
    "intake_key": "none",
    "webhook_keys": f"none:{b64encode(bytes(32)).decode()}",
    "opt_out_key": "none" * 4,
    "stream_key": "none, and of enough characters",
    "roster_key": "none, and of enough characters",
}


def build(service: str, **settings: Any) -> Service:
    """The service as it runs, but connected to nothing; `settings` in place of the dummy ones."""
    return _CREATE[service](_NOWHERE | settings)


def documents() -> dict[str, Json]:
    """Every document by its path inside `docs/`."""
    return {
        **{f"schemas/{event.type()}.json": event_schema(event) for event in EVENTS},
        **{f"openapi/{name}.json": openapi(name) for name in topology.SERVICES},
        "asyncapi.json": asyncapi(),
    }


def text(document: Json) -> str:
    """The same text for the same document, and small differences for small changes."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(folder: Path) -> list[Path]:
    """Bring `folder` up to date, files of contracts that are gone included; what was changed."""
    wanted = {folder / path: text(document) for path, document in documents().items()}
    changed = [
        path
        for path, content in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != content
    ]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    gone = [path for path in generated(folder) if path not in wanted]
    for path in gone:
        path.unlink()
    return changed + gone


def generated(folder: Path) -> list[Path]:
    """The files in `folder` that `write` answers for."""
    found = [*folder.glob("schemas/*.json"), *folder.glob("openapi/*.json")]
    return sorted([*found, *folder.glob("asyncapi.json")])


def event_schema(event: type[Event]) -> Json:
    """What a reader of `event` may rely on."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": event.type(),
        **event.model_json_schema(),
    }


def openapi(service: str) -> Json:
    return build(service).app.openapi()
