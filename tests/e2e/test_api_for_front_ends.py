"""What a front-end team does first: read an API's page, take a client, post, from a page too."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Route

from klik.contracts.clients import generate, generated
from klik.gateway.node import Gateway, installed_nginx
from klik.local.processes import ROOT
from shared.messaging.topology import SERVICES
from tests.peers.raw import RawPeer
from tests.support.backends import NodeUnavailable, unavailable
from tests.support.builders import a_post
from tests.support.services.dashboard import chromium
from tests.support.system import System, running_system

pytestmark = pytest.mark.integration

CLIENTS = ROOT / "clients"
#: Seconds for a compiler or an example on a busy machine.
TOOL_TIMEOUT = 240.0
#: Milliseconds that the page may take on a busy machine.
SHOWN = 30_000


@pytest.fixture(scope="module")
async def elsewhere() -> AsyncGenerator[RawPeer, None]:
    """A server with an empty page: of one origin by its name, of another by its address."""
    async with RawPeer() as peer:
        peer.reply = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n"
            b"Connection: close\r\n\r\nok"
        )
        yield peer


@pytest.fixture(scope="module")
async def system(
    elsewhere: RawPeer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[System, None]:
    try:
        folder, env = (
            tmp_path_factory.mktemp("front-ends"),
            {"KLIK_CORS_ORIGINS": listed(elsewhere)},
        )
        async with running_system(folder, env) as system:
            yield system
    except NodeUnavailable as missing:
        unavailable(str(missing))


def listed(elsewhere: RawPeer) -> str:
    """The origin whose pages may call the APIs."""
    return f"http://localhost:{elsewhere.port}"


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


@pytest.fixture(scope="module")
async def origin(
    system: System, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str, None]:
    """The one address of the system."""
    urls = {name: system.url(name) for name in system.services}
    node = Gateway(tmp_path_factory.mktemp("gateway"), urls, nginx=installed_nginx())
    await asyncio.to_thread(node.start)
    yield node.url
    await asyncio.to_thread(node.stop)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clients as the generators make them now, beside what is written by hand."""
    if shutil.which("npm") is None:
        unavailable("no npm on this host: apt-get install npm")
    folder = tmp_path_factory.mktemp("made") / "clients"
    shutil.copytree(CLIENTS, folder, ignore=shutil.ignore_patterns("node_modules", "*.js"))
    generate(folder, ROOT / "docs" / "openapi")
    return folder


def test_clients_are_those_that_the_documents_make(made: Path) -> None:
    ours, wanted = generated(CLIENTS), generated(made)
    assert ours.keys() == wanted.keys(), "run `make clients`"
    assert [path for path in wanted if ours[path] != wanted[path]] == [], "run `make clients`"


@pytest.mark.parametrize("example", ["python/example.py", "typescript/example.ts"])
def test_example_is_short(example: str) -> None:
    assert len((CLIENTS / example).read_text().splitlines()) <= 60


async def test_example_in_python_posts_follows_and_withdraws(
    system: System, origin: str, made: Path
) -> None:
    folder = made / "python"
    await run(sys.executable, "-W", "error", "-m", "compileall", "-q", "klik_desa", cwd=folder)
    printed = await run(sys.executable, "example.py", cwd=folder, env=told(system, origin))
    topics, ticket, first, last = printed.splitlines()
    assert topics == "topics: 200"
    assert ticket.startswith("ticket: KD-")
    assert first in ("status: submitted", "status: assigned")
    assert last == "status: withdrawn"


async def test_example_in_typescript_compiles_posts_follows_and_hears_what_changes(
    system: System, origin: str, made: Path
) -> None:
    folder = made / "typescript"
    await run("npx", "tsc", cwd=folder)
    printed = await run("node", "example.js", cwd=folder, env=told(system, origin))
    ticket, status, event = printed.splitlines()
    assert ticket.startswith("ticket: KD-")
    assert status in ("status: submitted", "status: assigned")
    assert event in ("event: changed", "event: reset")


def told(system: System, origin: str) -> dict[str, str]:
    return {
        "KLIK_URL": origin,
        "KLIK_KEY": system.keys["frontend"],
        "KLIK_READER": system.keys["analyst"],
        "KLIK_DESA": a_post()["desa_code"],
    }


async def test_page_of_a_listed_origin_posts_and_listens_in_a_browser(
    system: System, elsewhere: RawPeer
) -> None:
    """A page that is not ours: with fetch, and with the browser's own EventSource."""
    told = {
        "intake": system.url("intake"), "reporting": system.url("reporting"),
        "frontend": system.keys["frontend"], "analyst": system.keys["analyst"], "post": a_post(),
    }  # fmt: skip
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(listed(elsewhere))
        said = await page.evaluate(PAGE, told)
    assert said["refused"] == [422, "urn:klikdesa:problem:invalid"]
    assert said["posted"] == 202
    assert said["event"] in ("changed", "reset", "ready")


async def test_page_of_another_origin_reads_nothing_but_what_is_for_anybody(
    system: System, elsewhere: RawPeer
) -> None:
    get = "async url => { try { return (await fetch(url)).status } catch { return 'unread' } }"
    intake, reporting = system.url("intake"), system.url("reporting")
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(elsewhere.url)
        assert await page.evaluate(get, f"{intake}/v1/consultations") == "unread"
        assert await page.evaluate(get, f"{intake}/v1/reference/topics") == 200
        assert await page.evaluate(get, f"{reporting}/v1/open/overview") == 200


#: What the script of a front-end does.
PAGE = """async ({ intake, reporting, frontend, analyst, post }) => {
  const send = (body) => fetch(`${intake}/v1/consultations`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${frontend}`, "Content-Type": "application/json",
      "Idempotency-Key": crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  });
  const wrong = await send({});
  const asked = await fetch(`${reporting}/v1/reports/stream-token`, {
    method: "POST", headers: { Authorization: `Bearer ${analyst}` },
  });
  const { token } = await asked.json();
  const stream = new EventSource(`${reporting}/v1/reports/stream?token=${token}`);
  const event = new Promise((found, failed) => {
    for (const name of ["changed", "reset", "ready"]) {
      stream.addEventListener(name, () => found(name));
    }
    stream.addEventListener("error", () => failed("the stream failed"));
  });
  const right = await send(post);
  const heard = await event;
  stream.close();
  return { refused: [wrong.status, (await wrong.json()).type], posted: right.status, event: heard };
}"""
