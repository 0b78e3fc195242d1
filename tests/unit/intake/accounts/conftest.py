"""Somebody in front of intake's pages, and an issuer. Nothing is imported from here."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.accounts import FakeAccountSessions, IssuerPeer
from tests.support.services.intake import Accounts
from tests.support.services.officer_pages import Office


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def peer() -> IssuerPeer:
    return IssuerPeer()


@pytest.fixture
def store() -> FakeAccountSessions:
    return FakeAccountSessions()


@pytest.fixture
def office(clock: Clock, peer: IssuerPeer, store: FakeAccountSessions) -> Office:
    return Office(clock, accounts=Accounts(peer.issuer(), store))


@pytest.fixture
async def browser(office: Office) -> AsyncGenerator[httpx.AsyncClient]:
    async with office.visitor() as client:
        yield client
