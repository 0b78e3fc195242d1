"""JSON log lines and the context they carry: constant text plus fields, never a person's data.

logs.configure("routing", "INFO")
log = logging.getLogger(__name__)
log.info("message handled", extra={"event": "case.assigned", "ms": 12})
"""

import json
import logging
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from shared.errors import describe

_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)

_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One line of JSON for a record. An exception is described, not printed: see `describe`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := trace_id():
            line["trace_id"] = trace
        line.update({k: v for k, v in vars(record).items() if k not in _STANDARD_FIELDS})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        # in ASCII: no text that gets in here turns round or erases what a terminal shows
        return json.dumps(line, default=str)


def configure(service: str, level: str) -> None:
    """Send every log line to standard output as JSON; libraries only from warnings up."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("services", "shared", "klik"):
        logging.getLogger(ours).setLevel(level)
    # what aiormq says of a broken link, aio-pika says again, with the address
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)


def traceparent() -> str:
    """The W3C trace context of the work under way, made here if nobody brought one."""
    return _traceparent.get() or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def trace_id() -> str | None:
    current = _traceparent.get()
    return current.split("-")[1] if current else None


@contextmanager
def trace(incoming: str | None) -> Iterator[None]:
    """Work inside belongs to the trace `incoming`, or to a new one where that is not valid."""
    valid = incoming if incoming and _TRACEPARENT.match(incoming) else None
    token = _traceparent.set(valid or traceparent())
    try:
        yield
    finally:
        _traceparent.reset(token)
