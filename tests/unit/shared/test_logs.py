import json
import logging

import pytest

from shared.logs import JsonFormatter, trace, trace_id, traceparent

INCOMING = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def line(record: logging.LogRecord) -> dict[str, object]:
    formatted: dict[str, object] = json.loads(JsonFormatter("intake").format(record))
    return formatted


def a_record(**extra: object) -> logging.LogRecord:
    record = logging.LogRecord("shared.x", logging.INFO, "x.py", 1, "request", (), None)
    vars(record).update(extra)
    return record


def test_a_line_is_json_with_its_fields() -> None:
    written = line(a_record(status=202, route="/v1/consultations"))
    assert written["message"] == "request"
    assert written["service"] == "intake"
    assert (written["status"], written["route"]) == (202, "/v1/consultations")


def test_an_exception_is_described_but_what_it_says_is_not_printed() -> None:
    record = a_record()
    record.exc_info = (ValueError, ValueError("NAMARAHASIA"), None)
    assert line(record)["error"] == "ValueError"


def test_work_belongs_to_the_trace_that_came_in() -> None:
    with trace(INCOMING):
        assert traceparent() == INCOMING
        assert line(a_record())["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize("incoming", [None, "", "nonsense", INCOMING.upper(), INCOMING + "x"])
def test_without_a_valid_trace_a_new_one_begins(incoming: str | None) -> None:
    with trace(incoming):
        assert traceparent() != incoming
        assert trace_id() is not None
    assert trace_id() is None
