"""What a front-end team does first: read an API's page, make a client of its document, post."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Route

from shared.messaging.topology import SERVICES
from tests.support.backends import NodeUnavailable, unavailable
from tests.support.builders import a_post
from tests.support.services.dashboard import chromium
from tests.support.system import System, running_system

pytestmark = pytest.mark.integration

CLIENTS = Path(__file__).parents[1] / "clients"
#: Seconds for a package manager, a generator or a compiler on a busy machine.
TOOL_TIMEOUT = 240.0
#: How the generator takes what is a file: its own word for "bytes".
GENERATOR = """
content_type_overrides:
  application/vnd.apache.parquet: application/octet-stream
  application/vnd.openxmlformats-officedocument.spreadsheetml.sheet: application/octet-stream
"""
#: Milliseconds that the page may take on a busy machine.
SHOWN = 30_000


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[System, None]:
    try:
        async with running_system(tmp_path_factory.mktemp("front-ends")) as system:
            yield system
    except NodeUnavailable as missing:
        unavailable(str(missing))


async def run(*command: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    """What it printed. Fails with it where it ended badly or took too long."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), TOOL_TIMEOUT)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise AssertionError(f"{command[0]} took more than {TOOL_TIMEOUT:.0f} s") from None
    assert process.returncode == 0, f"{' '.join(command)}\n{printed.decode()[-4000:]}"
    return printed.decode()


async def document(system: System, service: str, folder: Path) -> Path:
    reply = await system.http.get(system.url(service) + "/openapi.json")
    path = folder / f"{service}.json"
    path.write_text(json.dumps(reply.json()))
    return path


@pytest.mark.parametrize("service", SERVICES)
async def test_page_of_an_api_shows_its_operations_when_there_is_no_internet(
    system: System, service: str
) -> None:
    here = system.url(service)
    strangers: list[str] = []
    failed: list[str] = []

    async def only_here(route: Route) -> None:
        if route.request.url.startswith((f"{here}/", "data:")):
            await route.continue_()
        else:
            strangers.append(route.request.url)
            await route.abort()

    async with chromium() as browser:
        page = await browser.new_page()
        await page.route("**/*", only_here)
        page.on("pageerror", lambda error: failed.append(str(error)))

        await page.goto(f"{here}/docs")

        assert strangers == []
        await page.wait_for_selector(".opblock-summary-path", timeout=SHOWN)
        assert failed == []


@pytest.mark.parametrize("service", SERVICES)
async def test_python_client_is_complete_when_made_of_the_document(
    system: System, service: str, tmp_path: Path
) -> None:
    path = await document(system, service, tmp_path)
    (tmp_path / "config.yml").write_text(GENERATOR)

    # an environment of its own: the generator needs an older command-line library than we
    uv = str(Path(sys.executable).parent / "uv")
    await run(
        *(uv, "run", "--isolated", "--no-project", "--python", sys.executable),
        *("--with-requirements", str(CLIENTS / "requirements.lock")),
        *("openapi-python-client", "generate", "--path", str(path), "--config", "config.yml"),
        *("--output-path", "client", "--fail-on-warning"),
        cwd=tmp_path,
    )
    await run(sys.executable, "-W", "error", "-m", "compileall", "-q", "client", cwd=tmp_path)

    if service == "intake":
        script = tmp_path / "post.py"
        script.write_text(POST)
        printed = await run(
            *(sys.executable, str(script), system.url("intake"), system.keys["frontend"]),
            json.dumps(a_post()),
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path / "client")},
        )
        assert await exists(system, printed.split())


POST = """
import json, sys
from klik_desa_intake_client import AuthenticatedClient
from klik_desa_intake_client.api.submit import submit_consultation
from klik_desa_intake_client.models import Receipt, Submission

url, key, post = sys.argv[1:]
with AuthenticatedClient(base_url=url, token=key) as client:
    receipt = submit_consultation.sync(
        client=client, body=Submission.from_dict(json.loads(post)), idempotency_key="python-1"
    )
assert isinstance(receipt, Receipt), receipt
print(receipt.ticket, receipt.pin)
"""


async def test_typescript_client_compiles_and_posts_when_made_of_the_documents(
    system: System, tmp_path: Path
) -> None:
    if shutil.which("npm") is None:
        unavailable("no npm on this host: apt-get install npm")
    for file in (".npmrc", "package.json", "package-lock.json", "tsconfig.json", "post.ts"):
        shutil.copy(CLIENTS / file, tmp_path / file)
    await run("npm", "ci", "--no-audit", "--no-fund", cwd=tmp_path)
    for service in SERVICES:
        path = await document(system, service, tmp_path)
        await run("npx", "openapi-typescript", str(path), "-o", f"{service}.d.ts", cwd=tmp_path)

    await run("npx", "tsc", cwd=tmp_path)
    post = a_post()
    ticket = await run(
        *("node", "post.js"),
        cwd=tmp_path,
        env={
            "INTAKE": system.url("intake"),
            "KEY": system.keys["frontend"],
            "DESA": post["desa_code"],
        },
    )

    assert ticket.startswith("KD-")


async def exists(system: System, ticket_and_pin: list[str]) -> bool:
    ticket, pin = ticket_and_pin
    url = f"{system.url('intake')}/v1/track/{ticket}"
    reply = await system.http.get(url, headers={"X-Pin": pin})
    return reply.status_code == httpx.codes.OK
