"""The whole system in a day's hour and in a rush: how soon is a post answered, told and counted?"""

import asyncio
import json
import math
import re
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.compared.client import post_all, post_paced
from bench.compared.contenders import Nodes
from bench.compared.ours import Ours
from bench.compared.record import percentile
from bench.compared.rounds import nodes as shared_nodes

#: Posts that are not measured.
WARM = 100
#: Seconds between looks at the report: it is no fresher than a look can tell.
LOOK = 0.1
#: Seconds after the last post within which all is told and counted.
PATIENCE = 60.0

#: What is to be reached, in seconds, by 99 of 100.
ANSWERED, TOLD, COUNTED = 1.0, 1.0, 2.0

_ID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


class _Mails:
    """When an e-mail was taken first about whom and what: by address and by consultation."""

    def __init__(self) -> None:
        self.to_requester: dict[bytes, float] = {}
        self.to_officer: dict[bytes, float] = {}

    def take(self, content: bytes) -> None:
        now = time.perf_counter()
        if found := re.search(rb"^To: (warga\d+)@", content, re.MULTILINE):
            self.to_requester.setdefault(found[1], now)
        elif found := _ID.search(content.replace(b"=\r\n", b"")):
            self.to_officer.setdefault(found[0], now)


async def latency(seconds: int, rate: float, clients: int, posts: int, console: Console) -> int:
    """`rate`: posts a second for so many seconds; then `posts` by `clients` as fast as they are
    answered. 1 where a figure is not reached."""
    async with shared_nodes() as nodes:
        ours = Ours(nodes)
        await ours.start()
        try:
            await post_all(ours.port, ours.request, range(WARM), clients)
            await _counted(ours, WARM, PATIENCE)
            await ours.settle()
            found = await _paced(ours, nodes, math.ceil(seconds * rate), rate)
            await ours.settle()
            # who is answered anything but 202 ends the measurement
            found[f"answered, {clients} clients"] = (
                await post_all(ours.port, ours.request, range(posts), clients),
                ANSWERED,
            )
        finally:
            await ours.close()
            await ours.stop()
    table = Table("seconds until a post is", "p50", "p99", "most", "of 99 in 100", "posts")
    for name, (took, wanted) in found.items():
        figures = [f"{percentile(took, share):.3f}" for share in (0.5, 0.99, 1.0)]
        table.add_row(name, *figures, f"≤ {wanted:g}", str(len(took)))
    console.print(table)
    reached = all(percentile(took, 0.99) <= wanted for took, wanted in found.values())
    return 0 if reached else 1


async def _paced(
    ours: Ours, nodes: Nodes, posts: int, rate: float
) -> dict[str, tuple[list[float], float]]:
    """By what happens to a post: sorted seconds from when it was due, and what is wanted.

    Raises `TimeoutError` where something does not happen, `Refused` where a post is not taken.
    """
    mails, due, ids = _Mails(), dict[int, float](), dict[int, bytes]()
    nodes.mail.on_taken = mails.take
    known = await ours.counted()

    def on_answer(number: int, at: float, body: bytes) -> None:
        due[number], ids[number] = at, json.loads(body)["id"].encode()

    looking = asyncio.create_task(_counted(ours, known + posts, posts / rate + PATIENCE))
    answered = await post_paced(
        ours.port, ours.request, range(posts), math.ceil(rate) * 2, rate, on_answer
    )
    counted = (await looking)[known:]
    await ours.settle()
    nodes.mail.on_taken = None

    def since(when: Sequence[float]) -> list[float]:
        return sorted(one - due[number] for number, one in enumerate(when))

    requesters = [mails.to_requester[b"warga%d" % one] for one in range(posts)]
    return {
        f"answered, {rate:g} a second": (answered, ANSWERED),
        "told to its officer": (since([mails.to_officer[ids[one]] for one in range(posts)]), TOLD),
        "told to its requester": (since(requesters), TOLD),
        # the report says how many, not which: the first to be due is taken for the first counted
        "counted in the report": (since(counted), COUNTED),
    }


async def _counted(ours: Ours, wanted: int, seconds: float) -> list[float]:
    """When the report was first seen to count each of so many. Raises `TimeoutError`."""
    seen: list[float] = []
    async with asyncio.timeout(seconds):
        while len(seen) < wanted:
            number = min(await ours.counted(), wanted)
            seen += [time.perf_counter()] * (number - len(seen))
            await asyncio.sleep(LOOK)
    return seen
