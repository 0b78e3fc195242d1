"""The system itself in a comparison: one process of each service, offices open, mails taken."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pymongo

from bench.compared.client import request_of
from bench.compared.contenders import Nodes, body
from klik.local.processes import HIGH_LIMITS, ServiceProcess, stop_all
from klik.local.secrets import make_secrets, read_keys
from klik.secret_files.shares import share_of
from services.notify.domain.alert import OVER
from shared.messaging.topology import SERVICES
from shared.times import utc_now
from tests.support.builders import NOON

#: Seconds that a receipt waits for its assignment, so that what is not told together is told, and
#: paid for, before the round is over; a system's own setting is 60.
RECEIPT_WAIT = 10.0
#: Seconds after which alerts that stay open are an error.
SETTLE_SECONDS = 180.0
POLL = 1.0


class Ours:
    def __init__(
        self,
        nodes: Nodes,
        services: tuple[str, ...] = SERVICES,
        *,
        name: str = "ours",
        mails: bool = True,
        driver: str = "motor",
    ) -> None:
        """`mails`: whether there is a mail server; else alerts end as a line in the log. `driver`:
        `motor` or `pymongo`."""
        self.name = name
        self._told = "alerted" if mails else "log_only"
        self._nodes = nodes
        secrets = nodes.folder / "secrets"
        make_secrets(secrets, passwords=False)
        self._keys = read_keys(secrets)
        common = {
            "KLIK_MONGO_URL": nodes.store.url,
            "KLIK_CLOCK_SHIFT": str(round((NOON - utc_now()).total_seconds())),
            "KLIK_RECEIPT_WAIT": str(RECEIPT_WAIT),
            "KLIK_LOG_LEVEL": "WARNING",
            "KLIK_MONGO_DRIVER": driver,
            **HIGH_LIMITS,
        }
        if mails:
            common |= {
                "KLIK_SMTP_HOST": "127.0.0.1",
                "KLIK_SMTP_PORT": str(nodes.mail.port),
                "KLIK_SMTP_RATE": "1000",
            }
        self._services = _processes(services, common, nodes, secrets)
        self._http = httpx.AsyncClient(timeout=30.0)

    @property
    def port(self) -> int:
        return self._services["intake"].port

    async def start(self) -> None:
        for process in self._services.values():
            process.start()
        for process in self._services.values():
            await asyncio.to_thread(process.wait_ready)

    async def stop(self) -> None:
        await asyncio.to_thread(stop_all, list(self._services.values()))

    def sessions(self) -> dict[str, int]:
        return {name: process.pid or 0 for name, process in self._services.items()}

    def request(self, number: int) -> bytes:
        return request_of(body(number), self._keys["frontend"])

    async def counted(self) -> int:
        reply = await self._http.get(
            f"{self._services['reporting'].url}/v1/reports/consultations",
            params={"group_by": "kecamatan"},
            headers={"Authorization": f"Bearer {self._keys['admin']}"},
        )
        reply.raise_for_status()
        rows = reply.json()["rows"]
        return min(sum(int(row[what]) for row in rows) for what in ("assigned", self._told))

    async def settle(self) -> None:
        """Until every alert is over: also receipts, which wait to be told with the assignment."""
        deadline = time.monotonic() + SETTLE_SECONDS
        with pymongo.MongoClient[dict[str, Any]](self._nodes.store.url) as client:
            alerts = client["klik_notify"].alerts
            while left := list(alerts.find({"state": {"$nin": sorted(OVER)}})):
                if time.monotonic() > deadline:
                    states = Counter(
                        (one["state"], one.get("channel"), one.get("reason")) for one in left
                    )
                    raise RuntimeError(f"open after {SETTLE_SECONDS:.0f} s: {dict(states)}")
                await asyncio.sleep(POLL)
        await asyncio.sleep(POLL)  # what was told of them is counted

    async def close(self) -> None:
        await self._http.aclose()


def _processes(
    services: tuple[str, ...], common: Mapping[str, str], nodes: Nodes, secrets: Path
) -> dict[str, ServiceProcess]:
    """Not started; each knows the addresses of those before it."""
    made = dict[str, ServiceProcess]()
    for name in services:
        known = {f"KLIK_{other.upper()}_URL": process.url for other, process in made.items()}
        known["KLIK_AMQP_URL"] = nodes.amqp_urls[name]
        known["KLIK_SECRETS_DIR"] = str(share_of(secrets, name))
        log = nodes.folder / f"{name}.log"
        made[name] = ServiceProcess(name, {**common, **known}, log)
    return made
