"""A Compose stack of its own, beside whatever else runs on this engine, and questions to it.

Plain child processes of the Compose command, not testcontainers' `DockerCompose`: that one always
says `docker compose` and knows neither `--scale` nor `--project-name`, and docker-compose 1.29,
where there is no plugin, has to do too.
"""

import asyncio
import json
import os
import subprocess
import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx

from klik.local.processes import ROOT
from tests.support.system import until

#: Seconds for a command; for the first one the images are built.
COMMAND_TIMEOUT = 120.0
BUILD_TIMEOUT = 600.0


class ComposeFailed(Exception):
    """A command did not succeed; the message ends with what it said."""


def compose_command() -> list[str] | None:
    """`docker compose`, else `docker-compose`, else None."""
    for command in (["docker", "compose"], ["docker-compose"]):
        try:
            found = subprocess.run([*command, "version"], capture_output=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if found.returncode == 0:
            return command
    return None


class Stack:
    """docker-compose.yml under a project name, a port and an image tag that nobody else uses."""

    def __init__(self, command: list[str], port: int) -> None:
        self.project = f"klik-smoke-{uuid.uuid4().hex[:8]}"
        self.url = f"http://127.0.0.1:{port}"
        self._command = [*command, "--project-name", self.project]
        # an operator's .env beside docker-compose.yml counts for less than these
        self._env = {
            **os.environ,
            "KLIK_PORT": str(port),
            "KLIK_PUBLIC_URL": self.url,
            "KLIK_VERSION": "smoke",
        }

    def compose(self, *arguments: str, within: float = COMMAND_TIMEOUT) -> str:
        """Run a Compose command; its standard output. Raises `ComposeFailed`."""
        return _run([*self._command, *arguments], within, self._env)

    def up(self, scales: Mapping[str, int], *options: str, within: float = COMMAND_TIMEOUT) -> None:
        """Start, or change to, this many replicas of each service."""
        numbers = [f"--scale={service}={number}" for service, number in scales.items()]
        self.compose("up", "--detach", *options, *numbers, within=within)

    def down(self) -> None:
        """Remove everything, data included, and so without patience for RabbitMQ and MongoDB."""
        self.compose("down", "--volumes", "--timeout", "1")

    def left_behind(self) -> list[str]:
        """Ids of this stack's containers, volumes and networks."""
        ours = f"--filter=label=com.docker.compose.project={self.project}"
        found = [_docker("ps", "--all", "--quiet", ours)]
        found += [_docker(kind, "ls", "--quiet", ours) for kind in ("volume", "network")]
        return [id_ for text in found for id_ in text.split()]

    def containers(self, *services: str) -> list[dict[str, Any]]:
        """What `docker inspect` says of these services' containers, stopped ones included."""
        label = "label=com.docker.compose"
        ids = _docker(
            "ps",
            "--all",
            "--quiet",
            f"--filter={label}.project={self.project}",
            f"--filter={label}.oneoff=False",
        ).split()
        found = json.loads(_docker("inspect", *ids)) if ids else []
        return [
            container
            for container in found
            if container["Config"]["Labels"]["com.docker.compose.service"] in services
        ]

    def logs(self, container: dict[str, Any]) -> str:
        return _docker("logs", container["Id"])

    def all_logs(self) -> str:
        return self.compose("logs", "--no-color", "--tail=60")

    async def wait_healthy(self, scales: Mapping[str, int], within: float) -> None:
        """Until each service has that many containers, all of them healthy."""

        def states() -> dict[str, str]:
            return {
                container["Name"]: container["State"].get("Health", {}).get("Status", "unknown")
                for container in self.containers(*scales)
            }

        async def all_healthy() -> bool:
            now = await asyncio.to_thread(states)
            return len(now) == sum(scales.values()) and set(now.values()) == {"healthy"}

        try:
            await until(all_healthy, within, f"healthy: {dict(scales)}")
        except AssertionError as error:
            raise AssertionError(f"{error}; now {states()}") from None

    @cached_property
    def keys(self) -> dict[str, str]:
        """Role → API key, read as an operator would."""
        text = self.compose("run", "--rm", "-T", "secrets", "cat", "/run/klik/keys.json")
        keys: dict[str, str] = json.loads(text)
        return keys

    def client(self, role: str) -> httpx.AsyncClient:
        """A client of the gateway with this role's key."""
        headers = {"Authorization": f"Bearer {self.keys[role]}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30.0)

    async def totals(self) -> dict[str, int]:
        """What intake accepted and what the report counts."""
        async with self.client("analyst") as client:
            report = (await client.get("/v1/reports/consultations")).raise_for_status().json()
            sides = (await client.get("/v1/reconciliation")).raise_for_status().json()
        return {
            "submitted": sides["accepted"],
            "assigned": sum(row["assigned"] for row in report["rows"]),
            "alerted": sum(row["alerted"] + row["log_only"] for row in report["rows"]),
            "counted": sum(row["submitted"] for row in report["rows"]),
            "difference": sides["difference"],
        }

    async def wait_for_totals(self, expected: int, within: float) -> None:
        """Until everything submitted went the whole way, each once."""
        wanted = all_of(expected)

        async def all_there() -> bool:
            return await self.totals() == wanted

        try:
            await until(all_there, within, f"{expected} everywhere")
        except AssertionError as error:
            raise AssertionError(f"{error}; now {await self.totals()}") from None


def all_of(number: int) -> dict[str, int]:
    """The totals where `number` were submitted and nothing is missing or twice."""
    return dict.fromkeys(("submitted", "assigned", "alerted", "counted"), number) | {
        "difference": 0
    }


def _docker(*arguments: str) -> str:
    return _run(["docker", *arguments], COMMAND_TIMEOUT, dict(os.environ))


def _run(command: list[str], within: float, env: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=within
        )
    except subprocess.TimeoutExpired as late:
        raise ComposeFailed(f"{command}: not done in {within:.0f} s\n{late.stderr!r}") from None
    if done.returncode != 0:
        said_last = done.stdout[-2000:] + done.stderr[-4000:]
        raise ComposeFailed(f"{command}: exit code {done.returncode}\n{said_last}")
    return done.stdout
