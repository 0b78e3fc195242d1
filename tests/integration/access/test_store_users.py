"""Each service's user opens its own database and no other one's, on a store that enforces it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from typer.testing import CliRunner

from klik.__main__ import app
from klik.local.processes import ServiceProcess
from klik.local.secrets import make_secrets
from klik.local.store_users import provision
from klik.nodes import Store
from klik.nodes.child import wait_until
from klik.nodes.store import KINDS, installed
from klik.secret_files.shares import OF_MONGO, passwords_in, share_of
from shared.messaging.topology import SERVICES

pytestmark = pytest.mark.integration

#: Seconds for a service to have prepared its database, without a broker.
PREPARED = 90.0

Client = MongoClient[dict[str, Any]]


@pytest.fixture(scope="module", params=KINDS)
def store(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Store]:
    if request.param not in installed():
        pytest.skip(f"no {request.param} on this host")
    data = tmp_path_factory.mktemp("store")
    with Store(data, kind=request.param, password="of/the@admin") as store:
        yield store


@pytest.fixture(scope="module")
def folder(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Secrets of a deployment whose users have been made."""
    folder = tmp_path_factory.mktemp("secrets")
    make_secrets(folder, passwords=True)
    provision(store.url, passwords_in(folder, OF_MONGO), "klik")
    return folder


def client(store: Store, service: str, folder: Path) -> Client:
    password = (share_of(folder, service) / "klik_mongo_password").read_text()
    return MongoClient(store.url_of(f"klik_{service}", password))


def refused(store: Store, url: str) -> str:
    with pytest.raises(OperationFailure) as failure, Client(url) as stranger:
        stranger["klik_intake"]["consultations"].find_one()
    return str(failure.value)


def test_store_refuses_whoever_has_no_user_or_another_password(store: Store, folder: Path) -> None:
    nobody = f"mongodb://127.0.0.1:{store.port}/?directConnection=true"
    for url in (nobody, store.url_of("klik_intake", "wrong"), store.url_of("klik", "wrong")):
        assert "uth" in refused(store, url)
    with Client(store.url) as admin:
        assert admin["klik_intake"]["consultations"].find_one() is None


@pytest.mark.parametrize("service", SERVICES)
def test_user_opens_its_own_database_and_is_refused_each_others(
    store: Store, folder: Path, service: str
) -> None:
    with Client(store.url) as admin:
        for other in (*SERVICES, "operators"):
            admin[f"klik_{other}"]["marked"].update_one({}, {"$set": {"x": 1}}, upsert=True)
    with client(store, service, folder) as own:
        mine = own[f"klik_{service}"]["marked"]
        assert mine.find_one({}, {"_id": 0}) == {"x": 1}
        mine.insert_one({"y": 2})
        mine.create_index("y")
        mine.delete_many({"y": 2})
        for other in {*SERVICES, "operators"} - {service}:
            its = own[f"klik_{other}"]["marked"]
            for attempt in (
                its.find_one,
                lambda its=its: its.insert_one({}),
                lambda its=its: its.update_many({}, {"$set": {"x": 2}}),
                lambda its=its: its.delete_many({}),
                lambda its=its: list(its.aggregate([{"$match": {}}])),
                lambda its=its: its.create_index("x"),
                its.drop,
                lambda its=its: its.database.list_collection_names(),
            ):
                with pytest.raises(OperationFailure, match="not authorized"):
                    attempt()
        for command in (("usersInfo", 1), ("dropUser", "klik")):
            with pytest.raises(OperationFailure, match="not authorized"):
                own["admin"].command(*command)
        grant = [{"role": "root", "db": "admin"}]
        with pytest.raises(OperationFailure, match="not authorized"):
            own["admin"].command("grantRolesToUser", f"klik_{service}", roles=grant)


@pytest.mark.parametrize("service", SERVICES)
def test_service_prepares_its_database_with_its_own_share(
    store: Store, folder: Path, tmp_path: Path, service: str
) -> None:
    process = ServiceProcess(
        service,
        {
            "KLIK_SECRETS_DIR": str(share_of(folder, service)),
            "KLIK_MONGO_URL": f"mongodb://klik_{service}@127.0.0.1:{store.port}/?authSource=admin",
            # nobody: it is the store that is asked here
            "KLIK_AMQP_URL": "amqp://nobody@127.0.0.1:9/",
        },
        tmp_path / "log",
    )
    with Client(store.url) as admin:
        database = admin[f"klik_{service}"]
        process.start()
        try:
            assert wait_until(lambda: "audit" in database.list_collection_names(), PREPARED), (
                process.tail()
            )
            assert wait_until(lambda: process.status() != "down", PREPARED), process.tail()
        finally:
            process.kill()
    assert "not authorized" not in process.log.read_text()


def test_users_are_made_once_and_mended_where_they_differ(store: Store, folder: Path) -> None:
    passwords = passwords_in(folder, OF_MONGO)
    assert provision(store.url, passwords, "klik") == []
    with Client(store.url) as admin:
        admin.admin.command("updateUser", "klik_routing", roles=["root"])
        admin.admin.command("updateUser", "klik_notify", pwd="another")
    assert provision(store.url, passwords, "klik") == ["klik_routing", "klik_notify"]
    with client(store, "routing", folder) as routing, pytest.raises(OperationFailure):
        routing["klik_intake"]["marked"].find_one()


def test_command_makes_the_users_and_says_who_refuses(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KLIK_AMQP_URL", "amqp://nobody@127.0.0.1:9/")
    monkeypatch.setenv("KLIK_MONGO_URL", store.url)
    arguments = ["provision", "--secrets", str(folder)]
    done = CliRunner().invoke(app, arguments)
    assert done.output.startswith("store: nothing to do, all there\n")
    assert (done.exit_code, "RabbitMQ does not answer" in done.output) == (1, True)
    monkeypatch.setenv("KLIK_MONGO_URL", store.url_of("klik_intake", "wrong"))
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    assert "the store refuses" in done.output
    done = CliRunner().invoke(app, ["provision", "--secrets", str(tmp_path)])
    assert (done.exit_code, "--passwords" in done.output) == (1, True)


def test_store_keeps_its_users_when_it_is_started_again(store: Store, folder: Path) -> None:
    store.stop()
    store.start()
    with client(store, "intake", folder) as own:
        own["klik_intake"]["marked"].find_one()
    assert "uth" in refused(store, store.url_of("klik", "wrong"))
