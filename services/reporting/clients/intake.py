"""Asks intake how many consultations it accepted: the other side of the reconciliation."""

from datetime import date
from http import HTTPStatus

from pydantic import BaseModel

from shared.text.wording import Text
from shared.web.problems import Problem
from shared.web.responses import NO_ANSWER, read, service_client

TIMEOUT_SECONDS = 10.0


class _Row(BaseModel):
    day: str
    kecamatan: str
    accepted: int


class _Rows(BaseModel):
    rows: list[_Row]


class IntakeClient:
    def __init__(self, url: str, key: str) -> None:
        """`key`: an API key of the role `reporting`."""
        self._http = service_client(url, key, TIMEOUT_SECONDS)

    async def accepted(self, first: date, last: date) -> dict[tuple[str, str], int]:
        """(day, kecamatan) → accepted. Raises `Problem("unavailable")` where intake is silent."""
        try:
            reply = await self._http.get(
                "/v1/accepted", params={"from": first.isoformat(), "to": last.isoformat()}
            )
        except NO_ANSWER as error:
            why = f"intake: {type(error).__name__}"
            raise Problem("unavailable", detail=Text(why, why)) from None
        if reply.status_code != HTTPStatus.OK:
            said = Text(
                f"intake menjawab {reply.status_code}", f"intake answered {reply.status_code}"
            )
            raise Problem("unavailable", detail=said)
        try:
            rows = read(reply, _Rows).rows
        except ValueError:
            said = Text("Jawaban intake tidak dapat dibaca", "intake's answer cannot be read")
            raise Problem("unavailable", detail=said) from None
        return {(row.day, row.kecamatan): row.accepted for row in rows}

    async def close(self) -> None:
        await self._http.aclose()
