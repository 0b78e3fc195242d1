"""The chains of the audit: one in the database of each service, and the operators' own."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from shared.audit.chain import Fault, Verifier
from shared.audit.log import COLLECTION, AuditLog
from shared.messaging.topology import SERVICES
from shared.settings import Connections
from shared.storage.mongo import Database

OPERATORS = "operators"
CHAINS = (*SERVICES, OPERATORS)


@asynccontextmanager
async def open_chain(connections: Connections, chain: str) -> AsyncGenerator[AuditLog]:
    name = f"{connections.mongo_prefix}_{chain}"
    database = Database(connections.mongo_dsn, name, connections.mongo_driver)
    try:
        yield AuditLog(database.collection(COLLECTION), chain)
    finally:
        await database.close()


@asynccontextmanager
async def open_chains(connections: Connections) -> AsyncGenerator[Mapping[str, AuditLog]]:
    async with AsyncExitStack() as stack:
        yield {
            chain: await stack.enter_async_context(open_chain(connections, chain))
            for chain in CHAINS
        }


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain came, as a service told it in its log."""

    segment: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    chain: str
    segments: int
    entries: int
    head: str
    faults: list[Fault]


async def verify(audit: AuditLog, chain: str, told: Head | None) -> Verdict:
    """Every entry of the chain, and whether it still has the head that was `told`."""
    verifier, faults = Verifier(chain), list[Fault]()
    is_there = told is None
    async for segment in audit.segments():
        faults += verifier.faults(segment)
        if told and segment.number == told.segment:
            is_there = segment.head.hex() == told.hash
    if told and not is_there:
        said = "is not as the log told of it: cut off, or made anew"
        faults.append(Fault(told.segment, None, said))
    return Verdict(chain, verifier.number, verifier.entries, verifier.head.hex(), faults)
