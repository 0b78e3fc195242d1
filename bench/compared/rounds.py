"""Rounds on nodes that all contenders share, in turns: what the machine does meanwhile hits all."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

from rich.console import Console

from bench.compared.contenders import Nodes
from bench.mail import MailSink
from klik.local.broker_users import declare_topology, node_with_users
from klik.nodes import Store

Round = dict[str, float]


class Named(Protocol):
    @property
    def name(self) -> str: ...


C = TypeVar("C", bound=Named)


@asynccontextmanager
async def nodes() -> AsyncGenerator[Nodes]:
    """Private ones, and a mail server."""
    with TemporaryDirectory(prefix="klik-bench-") as folder:
        rabbit, amqp_urls = node_with_users(Path(folder) / "rabbitmq")
        with rabbit, Store(Path(folder) / "store") as store:
            await declare_topology(rabbit.url)
            async with MailSink() as mail:
                made = Nodes(rabbit, amqp_urls, store, Path(folder) / "logs", mail)
                made.folder.mkdir()
                yield made


async def interleaved(
    contenders: Sequence[C],
    rounds: int,
    measure: Callable[[C], Awaitable[Round]],
    line: Callable[[Round], str],
    console: Console,
) -> dict[str, list[Round]]:
    """By name, in the order of the contenders; each round begins with another one."""
    found: dict[str, list[Round]] = {one.name: [] for one in contenders}
    for number in range(rounds):
        turn = number % len(contenders)
        for contender in [*contenders[turn:], *contenders[:turn]]:
            one = await measure(contender)
            found[contender.name].append(one)
            console.print(f"round {number + 1} of {rounds}: {contender.name}: {line(one)}")
    return found
