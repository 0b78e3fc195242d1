"""`klik privacy`: what an operator does about personal data, and how it says so."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from prometheus_client import REGISTRY
from typer.testing import CliRunner, Result

from klik.__main__ import app
from services.intake.acceptance import Acceptance
from services.intake.domain.consultation import Consultation
from services.intake.domain.conversation import Request
from services.intake.domain.erasure import Part, Retention
from services.intake.domain.move_bodies import NewMessage
from services.intake.domain.submission import Submission
from services.intake.retention import expire
from services.intake.store.data_keys import DataKeys
from services.intake.store.encryption import EnvelopeEncryption
from services.intake.store.master_keys import MasterKeyMissing, MasterKeys
from services.intake.store.rotation import Rotation
from shared.audit.chain import Entry
from shared.audit.log import AuditLog
from shared.storage.mongo import Database, Document
from shared.times import utc_now
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import Role
from tests.support.backends import Backends
from tests.support.builders import NOON, a_post
from tests.support.fakes import Clock
from tests.support.keys import bearer, key_row, keyring_text
from tests.support.marked import OFFICER, REQUESTER, Marked, a_marked_one, made_old
from tests.support.repositories import MASTER_KEYS, erasures_store, intake_store, saved_replies
from tests.support.services.intake import with_intake

pytestmark = pytest.mark.integration

NEW = "k2:" + "E" * 42 + "A="
Page = list[tuple[Consultation, set[Part]]]
BOTH = f"{NEW},{MASTER_KEYS}"


@pytest.fixture
async def scene(backends: Backends, env: dict[str, str]) -> AsyncGenerator[Marked]:
    database = Database(backends.mongo_url, f"{env['KLIK_MONGO_PREFIX']}_intake")
    yield await a_marked_one(database, backends.mongo_url)
    await database.drop()
    await database.close()


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    ours = {"KLIK_MASTER_KEYS": MASTER_KEYS, "KLIK_ROSTER_KEY": "-" * 24}
    return env | {"KLIK_KEYRING": "[]"} | ours


async def privacy(env: dict[str, str], *arguments: str, **changes: str) -> Result:
    return await asyncio.to_thread(
        CliRunner().invoke, app, ["privacy", *arguments], env=env | changes
    )


def after(time: timedelta) -> dict[str, str]:
    """The clock of an operator who comes so long after noon."""
    return {"KLIK_CLOCK_SHIFT": str((NOON + time - utc_now()).total_seconds())}


async def another(scene: Marked, channel: str, address: str) -> str:
    """The ticket of one more, left by whom this reaches."""
    requester = {"role": "kepala_desa", "contact": {"channel": channel, "address": address}}
    post = Submission.model_validate(a_post(requester=requester))
    accepted = await Acceptance(scene.store, Clock(NOON)).accept(post, caller="c", key=None)
    return accepted.consultation.ticket


async def test_consultation_is_erased_by_its_ticket_when_that_is_meant(
    scene: Marked, env: dict[str, str]
) -> None:
    ticket = scene.accepted.consultation.ticket
    asked = await privacy(env, "erase", "--ticket", ticket.lower())
    assert (asked.exit_code, "1 would be erased" in asked.output) == (0, True), asked.output
    assert not (await scene.found()).erased

    done = await privacy(env, "erase", "--ticket", ticket, "--ticket", "KD-1", "--apply")
    assert (done.exit_code, "erased: 1" in done.output) == (1, True), done.output
    assert "not found: KD-1" in done.output
    assert (await scene.found()).erased


async def test_all_of_one_contact_are_erased_when_it_is_written_otherwise(
    scene: Marked, env: dict[str, str]
) -> None:
    mine = {
        await another(scene, "whatsapp", "0812-3456-7890"),
        await another(scene, "phone", "+62 812 3456 7890"),
    }
    other = await another(scene, "phone", "0812 3456 7891")
    done = await privacy(env, "erase", "--contact", "62 81234567890", "--apply")
    assert "erased: 2" in done.output, done.output
    rows = {one.ticket: one.erased for one in await scene.store.inbox({}, before=None, limit=9)}
    assert {ticket for ticket, erased in rows.items() if erased} == mine
    assert other in rows
    assert "81234567890" not in done.output


async def test_listed_are_erased_again_when_a_backup_was_restored(
    scene: Marked, env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    listed = tmp_path_factory.mktemp("ids") / "ids.txt"
    listed.write_text(f"{scene.id}\n")
    done = await privacy(env, "erase", "--ids", str(listed), "--apply")
    assert (done.exit_code, "erased: 1" in done.output) == (0, True), done.output


async def test_those_concerned_are_listed_with_how_they_are_told_and_that_is_audited(
    scene: Marked, env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    await another(scene, "whatsapp", "0812-3456-7890")  # not concerned
    mute = a_post()
    silent = await Acceptance(scene.store, Clock(NOON)).accept(
        Submission.model_validate(mute), caller="c", key=None
    )
    listed = tmp_path_factory.mktemp("ids") / "ids.txt"
    ids = [scene.id, silent.consultation.id, uuid4()]
    listed.write_text("".join(f"{one}\n" for one in ids))
    done = await privacy(env, "contacts", "--ids", str(listed))
    assert done.exit_code == 0, done.output
    ticket = scene.accepted.consultation.ticket
    assert done.stdout == f"{ticket}\temail\ttanda-kontak@contoh.example\n"
    assert done.stderr.strip().endswith(": 2")
    audit = AuditLog(scene.database.collection("audit"), "intake")
    entries = [Entry.parse(text) async for one in audit.segments() for text in one.entries]
    assert [(one.what, one.outcome) for one in entries] == [
        ("klik privacy contacts", "begun"),
        ("klik privacy contacts", "done"),
    ]
    assert entries[0].consultations == tuple(map(str, ids))

    await scene.erasure.erase(scene.id, OFFICER)
    assert (await privacy(env, "contacts", "--ids", str(listed))).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--contact", "08"], "neither a number"),
        (["--contact", ""], "neither a number"),
        (["--ids", "nowhere.txt"], "does not exist"),
        (["--ids", "."], "is a directory"),
        (["--ids", "ids.txt"], "line 2 is no id"),
    ],
)
async def test_nothing_is_looked_for_when_what_to_erase_cannot_be_read(
    env: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    """Not as if there were nothing of whoever asked."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ids.txt").write_text(f"{uuid4()}\nKD-7F3K-9QXM\n")
    refused = await privacy(env, "erase", *arguments, COLUMNS="200")
    assert (refused.exit_code, said in refused.output) == (2, True), refused.output


async def test_retention_takes_contacts_first_and_words_later(
    scene: Marked, env: dict[str, str]
) -> None:
    await another(scene, "phone", "0812 3456 7891")  # open: it keeps all
    await scene.moves.move(scene.id, Request("close", REQUESTER))

    for days, said in ((364, "contacts to take out: 0; words to take out: 0"),
                       (366, "contacts to take out: 1; words to take out: 0"),
                       (731, "contacts to take out: 0; words to take out: 1")):  # fmt: skip
        counted = await privacy(env, "retention", **after(timedelta(days=days)))
        assert said in counted.output, counted.output
    both = await scene.store.get_with_private(scene.id)
    assert both is not None
    assert both[1].contact, "a dry run changes nothing"

    for _ in range(2):
        await privacy(env, "retention", "--apply", **after(timedelta(days=366)))
        both = await scene.store.get_with_private(scene.id)
        assert both is not None
        assert (both[1].name, both[1].contact, both[1].pin) == (None, None, scene.accepted.pin)
        assert both[0].title == "tanda-judul"
    again = await privacy(env, "retention", **after(timedelta(days=366)))
    assert "contacts to take out: 0" in again.output

    done = await privacy(env, "retention", "--apply", **after(timedelta(days=731)))
    assert "words taken out: 1" in done.output, done.output
    assert (await scene.found()).erased
    assert (await scene.document())["timeline"][-1]["actor"] == "system"
    rows = await scene.store.inbox({}, before=None, limit=9)
    assert [one.erased for one in rows].count(False) == 1


async def test_retention_takes_the_saved_replies_of_who_left(
    scene: Marked, env: dict[str, str]
) -> None:
    replies = saved_replies(scene.database, clock=Clock(NOON))
    for owner in ("left", "stays"):
        await replies.add(owner, "Cukup dengan Perkades.", NOON)
    fields = {"territory": "64.02.06", "revoked_at": NOON.isoformat()}
    keyring = keyring_text(key_row("left", "k", Role.OFFICER, **fields))
    soon = {"KLIK_KEYRING": keyring, **after(timedelta(days=1))}
    counted = await privacy(env, "retention", **soon)
    assert "saved replies are to take out: 1" in counted.output, counted.output
    assert len(await replies.owners()) == 2
    await privacy(env, "retention", "--apply", **soon)
    assert set(await replies.owners()) == {"stays"}
    await privacy(env, "retention", "--apply", **after(timedelta(days=180)))
    assert await replies.owners() == {}


async def test_retention_counts_from_the_last_end_when_it_was_reopened(
    scene: Marked, env: dict[str, str]
) -> None:
    await scene.moves.move(scene.id, Request("close", REQUESTER))
    await scene.moves.move(scene.id, Request("reopen", OFFICER))
    counted = await privacy(env, "retention", **after(timedelta(days=1000)))
    assert "contacts to take out: 0; words to take out: 0" in counted.output


async def test_retention_takes_out_who_asked_when_that_was_never_sealed(
    scene: Marked, env: dict[str, str]
) -> None:
    await made_old(scene)
    await scene.moves.move(scene.id, Request("close", REQUESTER))
    later = after(timedelta(days=366))
    counted = await privacy(env, "retention", **later)
    assert "contacts to take out: 1" in counted.output, counted.output
    done = await privacy(env, "retention", "--apply", **later)
    assert "contacts taken out: 1" in done.output, done.output
    both = await scene.store.get_with_private(scene.id)
    assert both is not None
    assert (both[0].title, both[1].pin, both[1].name) == ("Judul lama", "123456", None)


async def test_words_stay_when_it_is_reopened_while_retention_looks(scene: Marked) -> None:
    await scene.moves.move(scene.id, Request("close", REQUESTER))
    store, policy = erasures_store(scene.database), Retention(timedelta(1), timedelta(1))

    class Late:
        count, take_out_requester = store.count, store.take_out_requester

        async def ended(self, until: str) -> AsyncGenerator[Page]:
            async for page in store.ended(until):
                await scene.moves.move(scene.id, Request("reopen", OFFICER))
                yield page

    later = NOON + timedelta(days=9)
    told = list[UUID]()

    async def before(ids: list[UUID]) -> None:
        told.extend(ids)

    await expire(Late(), scene.erasure, policy, later, lambda *_: None, before=before, apply=True)
    assert told == [scene.id], "it was going to"
    assert not (await scene.found()).erased


async def test_old_master_key_is_needed_no_more_when_all_was_rotated(
    scene: Marked, env: dict[str, str]
) -> None:
    def keys(text: str) -> MasterKeys:
        collection = scene.database.collection("master_keys")
        return MasterKeys(collection, EnvelopeEncryption.parse(text))

    await keys(MASTER_KEYS).prepare()
    with pytest.raises(MasterKeyMissing, match=r"lacks the key 'k1'.*klik privacy rotate"):
        await keys(NEW).prepare()
    with pytest.raises(MasterKeyMissing, match="another one than before"):
        await keys("k1:" + "E" * 42 + "A=").prepare()

    done = await privacy(env, "rotate", KLIK_MASTER_KEYS=BOTH)
    assert (done.exit_code, "needed no more: k1" in done.output) == (0, True), done.output
    await keys(NEW).prepare()
    found = await intake_store(scene.database, NEW).get(scene.id)
    assert found is not None
    assert found.title == "tanda-judul"
    again = await privacy(env, "rotate", KLIK_MASTER_KEYS=NEW)
    assert "wrapped anew: 0" in again.output, again.output


async def test_age_of_the_master_key_is_told_from_its_first_use(scene: Marked) -> None:
    collection = scene.database.collection("master_keys")
    age = "klik_master_key_age_seconds"
    await collection.insert(
        {"_id": "k1", "check": EnvelopeEncryption.parse(MASTER_KEYS).check("k1")}
    )
    for days, keys, known in (
        (0, MASTER_KEYS, 0),
        (31, MASTER_KEYS, 31),
        (33, BOTH, 0),
        (34, BOTH, 1),
    ):
        clock = Clock(NOON + timedelta(days=days))
        for _ in range(2):
            await MasterKeys(collection, EnvelopeEncryption.parse(keys), clock).prepare()
            assert REGISTRY.get_sample_value(age) == known * 86_400


async def test_old_master_key_is_needed_again_when_an_intake_still_uses_it(
    scene: Marked, env: dict[str, str]
) -> None:
    """It was not started anew, and wraps by the old key what comes after the rotation."""
    collection = scene.database.collection("master_keys")
    old = MasterKeys(collection, EnvelopeEncryption.parse(MASTER_KEYS))
    await old.prepare()
    done = await privacy(env, "rotate", KLIK_MASTER_KEYS=BOTH)
    assert "needed no more: k1" in done.output, done.output
    await another(scene, "phone", "0812 3456 7891")
    await old.note()
    with pytest.raises(MasterKeyMissing, match="lacks the key 'k1'"):
        await MasterKeys(collection, EnvelopeEncryption.parse(NEW)).prepare()
    again = await privacy(env, "rotate", KLIK_MASTER_KEYS=BOTH)
    assert "wrapped anew: 1" in again.output, again.output
    await MasterKeys(collection, EnvelopeEncryption.parse(NEW)).prepare()


async def test_intake_without_the_newest_key_asks_to_come_again_and_says_why(
    scene: Marked, env: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """A replica that was not started anew meets what another has wrapped by the next key."""
    done = await privacy(env, "rotate", KLIK_MASTER_KEYS=BOTH)
    assert done.exit_code == 0, done.output
    keyring = Keyring.parse(keyring_text(key_row("dpmd", "dpmd", Role.DPMD)))
    intake = create_http("intake", "", keyring, lambda: True, None)
    with_intake(intake, intake_store(scene.database), Clock(NOON))
    transport = httpx.ASGITransport(intake)
    async with httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        reply = await client.get(f"/v1/consultations/{scene.id}", headers=bearer("dpmd"))
    assert (reply.status_code, "Retry-After" in reply.headers) == (503, True), reply.text
    (line,) = [vars(one) for one in caplog.records if one.message == "not answered for now"]
    assert f"lacks the key 'k2' of {scene.id}: start this process anew" in line["error"]


async def test_what_was_kept_in_plain_is_sealed_when_keys_are_rotated(
    scene: Marked, env: dict[str, str]
) -> None:
    """As documents were until 2026-11, with a note that was added since."""
    await made_old(scene)
    note = NewMessage(kind="note", body="Catatan baru")
    await scene.moves.move(scene.id, Request("note", OFFICER, note))
    assert b"Judul lama" in scene.dump()

    done = await privacy(env, "rotate", KLIK_MASTER_KEYS=BOTH)
    assert "sealed: 1" in done.output, done.output
    dumped = scene.dump()
    assert [one for one in (b"lama", b"baru", b"Siti") if one in dumped] == []
    both = await intake_store(scene.database, NEW).get_with_private(scene.id)
    assert both is not None
    found, private = both
    assert (found.title, found.body) == ("Judul lama", "Isi lama")
    assert [one.body for one in found.messages] == ["Catatan lama", "Catatan baru"]
    assert (private.pin, private.name) == ("123456", "Siti")
    again = await privacy(env, "rotate", KLIK_MASTER_KEYS=NEW)
    assert "sealed: 0" in again.output, again.output


async def test_old_document_is_erased_when_it_was_never_sealed(
    scene: Marked, env: dict[str, str]
) -> None:
    await made_old(scene)
    ticket = scene.accepted.consultation.ticket
    done = await privacy(env, "erase", "--ticket", ticket, "--apply")
    assert "erased: 1" in done.output, done.output
    dumped = scene.dump()
    assert b"lama" not in dumped
    assert "private" not in await scene.document()


async def test_erased_gets_no_key_again_when_it_is_sealed_at_that_moment(
    scene: Marked, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await made_old(scene)
    adopt = DataKeys.adopt

    async def late(self: DataKeys, documents: Sequence[Document]) -> None:
        await scene.erasure.erase(scene.id, OFFICER)
        await adopt(self, documents)

    monkeypatch.setattr(DataKeys, "adopt", late)
    encryption = EnvelopeEncryption.parse(MASTER_KEYS)
    consultations, keys = (scene.database.collection(n) for n in ("consultations", "data_keys"))
    rotation = Rotation(consultations, keys, encryption)
    assert [number async for number in rotation.seal()] == [1]
    assert await keys.count({}) == 0
    assert (await scene.document())["sealed"] == {}
    assert b"lama" not in scene.dump()
