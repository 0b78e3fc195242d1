"""reporting's HTTP routes."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from services.reporting.api import members, reconciliation, reports
from services.reporting.ports import Intake, Reports
from shared.web.app import GUARDED, problems


def routes(reports_of: Reports, intake: Intake, clock: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/v1", responses=problems(*GUARDED))
    reports.add(router, reports_of, clock)
    members.add(router, reports_of, clock)
    reconciliation.add(router, reports_of, intake, clock)
    return router
