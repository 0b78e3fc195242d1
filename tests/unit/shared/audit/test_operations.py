"""Every route is written down in the audit, or reads nothing of a person on purpose."""

import pytest
from fastapi.routing import iter_route_contexts

from klik.contracts import docs
from shared.audit.changes import is_written_down_first
from shared.audit.log import AuditLog
from shared.audit.operations import AT_TIMES, CHANGES, NOT_PERSONAL, READS
from shared.messaging.topology import SERVICES
from shared.web.permissions import ACCESS
from tests.contract.test_access import PUBLIC, ROUTES


def test_each_operation_is_recorded_or_reads_nothing_when_it_is_in_the_table() -> None:
    named = [READS, CHANGES, AT_TIMES, NOT_PERSONAL]
    assert sum(map(len, named)) == len(frozenset().union(*named)), "one of them is named twice"
    assert frozenset().union(*named) == ACCESS.keys() | (PUBLIC & READS)


def test_whatever_is_put_or_deleted_is_a_change() -> None:
    assert {route.name for route in ROUTES if route.method in ("PUT", "DELETE")} <= CHANGES


async def test_change_is_written_down_before_it_is_made() -> None:
    first = set[str | None]()
    for service in SERVICES:
        built = docs.build(service)
        routes = iter_route_contexts(built.app.routes)
        first |= {one.name for one in routes if is_written_down_first(one.endpoint)}
        await built.database.close()
    assert first == CHANGES


def test_what_is_open_to_all_reads_nothing_but_by_ticket_and_pin() -> None:
    by_ticket = {"track", "track_token", "track_by_form", "follow_page", "follow_move"}
    assert by_ticket == PUBLIC & (READS | CHANGES)


@pytest.mark.parametrize("service", SERVICES)
async def test_service_has_an_audit_when_it_is_put_together(service: str) -> None:
    """Without one a route would leave no trail."""
    built = docs.build(service)
    assert isinstance(built.app.state.audit, AuditLog)
    await built.database.close()
