"""What `klik privacy` does, on intake's database. Events are left to intake's own relay."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import typer
from rich.console import Console

from klik.audit.deeds import DONE, FAILED, Deeds
from klik.bars import Bars
from klik.secret_files.files import alone_with
from klik.secret_files.shares import write_shares
from services.intake.clients.key_service import KeyServiceFailed, open_encryption
from services.intake.domain.conversation import Who
from services.intake.domain.erasure import Retention
from services.intake.domain.tickets import normal_ticket
from services.intake.erasure import Erasure
from services.intake.moves import NotFound
from services.intake.retention import expire, expire_replies
from services.intake.settings import IntakeSettings
from services.intake.store.consultations import Consultations
from services.intake.store.data_keys import DataKeys
from services.intake.store.erasures import ErasuresStore
from services.intake.store.master_keys import MasterKeys
from services.intake.store.rotation import Rotation
from services.intake.store.saved_replies import PURPOSE as REPLIES
from services.intake.store.saved_replies import SavedRepliesStore
from shared.audit.log import COLLECTION, AuditLog
from shared.audit.trail import BEGUN
from shared.errors import KlikError
from shared.messaging.outbox import Outbox
from shared.messaging.publisher import Publisher
from shared.messaging.signing import EventKeys, Signing
from shared.storage.mongo import Database
from shared.text import contacts
from shared.text.wording import Unfit
from shared.times import shifted
from shared.web.auth import open_keys

console = Console()

#: Whoever has the secrets of the system acts for nobody else.
OPERATOR = Who("system")
#: In the audit: it was said which would be erased.
LISTED = "listed"
#: Consultations that are looked up together.
PAGE = 200
#: The kinds of address that one may be meant as.
CHANNELS = ("whatsapp", "phone", "telegram", "email")


@dataclass(frozen=True)
class Tools:
    settings: IntakeSettings
    store: ErasuresStore
    erasure: Erasure
    rotation: Rotation
    master_keys: MasterKeys
    deeds: Deeds
    consultations: Consultations
    replies: SavedRepliesStore


def addresses(written: str) -> set[str]:
    """What it may mean. Raises ValueError where that is nothing."""
    found = set[str]()
    for channel in CHANNELS:
        with suppress(Unfit):
            found.add(contacts.canonical(channel, written))
    if not found:
        raise ValueError("neither a number nor an e-mail address nor a Telegram chat")
    return found


def listed(ids: Path) -> dict[UUID, str]:
    """What the file lists. Raises ValueError, which names the line that is wrong."""
    found = dict[UUID, str]()
    for number, line in enumerate(ids.read_text().splitlines(), 1):
        if line := line.strip():
            try:
                found[UUID(line)] = line
            except ValueError:
                raise ValueError(f"line {number} is no id of a consultation") from None
    return found


def erase(
    tickets: list[str], wanted: set[str] | None, listed: dict[UUID, str] | None, *, apply: bool
) -> int:
    """Those of the tickets, else of the `wanted` addresses, else the `listed`. The command's exit
    code, as of the others."""

    async def act(tools: Tools) -> int:
        missing: list[str] = []
        if wanted is not None:
            chosen = await _by_contact(tools.store, wanted)
        elif listed is not None:
            chosen = listed
        else:
            chosen, missing = await _by_ticket(tools.store, tickets)
        await tools.deeds.tell(BEGUN if apply else LISTED, chosen)
        for name in chosen.values():
            console.print(name, highlight=False)
        for name in missing:
            console.print(f"not found: {name}", highlight=False)
        if not apply:
            console.print(f"{len(chosen)} would be erased: --apply does it")
            return 1 if missing else 0
        done = list[UUID]()
        with Bars(console) as bars:
            for id_, name in chosen.items():
                try:
                    await tools.erasure.erase(id_, OPERATOR)
                except NotFound:
                    missing.append(name)
                    continue
                done.append(id_)
                bars.step("erased", len(done), len(chosen))
        await tools.deeds.tell(DONE, done)
        console.print(f"erased: {len(done)}")
        return 1 if missing else 0

    return _with_tools("klik privacy erase", act)


def show_contacts(listed: dict[UUID, str]) -> int:
    async def act(tools: Tools) -> int:
        ids, shown = list(listed), 0
        await tools.deeds.tell(BEGUN, ids)
        for start in range(0, len(ids), PAGE):
            for one in await tools.consultations.contacts(ids[start : start + PAGE]):
                told = one.contact or {"channel": "cannot be read", "address": "-"}
                typer.echo(f"{one.ticket}\t{told['channel']}\t{told['address']}")
                shown += 1
        await tools.deeds.tell(DONE, ids)
        typer.echo(f"left no contact, were erased or are not known: {len(ids) - shown}", err=True)
        return 0

    return _with_tools("klik privacy contacts", act)


def retention(*, apply: bool) -> int:
    async def act(tools: Tools) -> int:
        settings = tools.settings
        policy = Retention(
            timedelta(days=settings.retention_contact_days),
            timedelta(days=settings.retention_words_days),
        )
        now = shifted(settings.clock_shift)()
        with Bars(console) as bars:
            sealed = 0
            if apply:  # who asked is a part of its own only in what was sealed part by part
                async for number in tools.rotation.seal():
                    sealed += number
                    bars.step("sealed", sealed, sealed)
            taken = await expire(
                tools.store,
                tools.erasure,
                policy,
                now,
                bars.step,
                before=lambda ids: tools.deeds.tell(BEGUN, ids),
                apply=apply,
            )
            officers = await expire_replies(
                tools.replies,
                open_keys(settings),
                timedelta(days=settings.retention_replies_days),
                now,
                apply=apply,
            )
        if apply:
            await tools.deeds.tell(DONE)
        verb = "taken out" if apply else "to take out"
        console.print(f"contacts {verb}: {taken['requester']}; words {verb}: {taken['words']}")
        console.print(f"officers whose saved replies are {verb}: {officers}")
        if not apply:
            console.print("Nothing was changed: --apply does it.")
        return 0

    return _with_tools("klik privacy retention", act)


def rotate() -> int:
    async def act(tools: Tools) -> int:
        if folder := tools.settings.secrets_dir:
            with alone_with(folder):  # an intake that is started anew is to have the new key
                write_shares(folder)
        consultations, keys = await tools.rotation.sizes()
        before = await tools.master_keys.others()
        await tools.deeds.tell(BEGUN)
        with Bars(console) as bars:
            sealed = wrapped = 0
            async for number in tools.rotation.seal():
                sealed += number
                bars.step("sealed", sealed, max(consultations, sealed))
            async for number in tools.rotation.rewrap():
                wrapped += number
                bars.step("wrapped", wrapped, max(keys, wrapped))
        console.print(f"wrapped anew: {wrapped}; sealed: {sealed}")
        if not await tools.rotation.is_done():
            await tools.deeds.tell(FAILED)
            console.print(
                "An older master key is still in use: start every intake anew, then this."
            )
            return 1
        await tools.master_keys.forget(before)
        await tools.deeds.tell(DONE)
        if before:
            console.print(f"needed no more: {', '.join(before)}", highlight=False)
        return 0

    return _with_tools("klik privacy rotate", act)


async def _by_ticket(store: ErasuresStore, tickets: list[str]) -> tuple[dict[UUID, str], list[str]]:
    """Those that there are, and what was not found."""
    chosen, missing = dict[UUID, str](), list[str]()
    for typed in tickets:
        ticket = normal_ticket(typed)
        found = await store.by_ticket(ticket) if ticket else None
        if found is None:
            missing.append(typed)
        else:
            chosen[found.id] = found.ticket
    return chosen, missing


async def _by_contact(store: ErasuresStore, wanted: set[str]) -> dict[UUID, str]:
    """All contacts are opened and compared, a page at a time: no index tells whose they are."""
    chosen, looked, total = dict[UUID, str](), 0, await store.size()
    with Bars(console) as bars:
        async for page in store.left_contact():
            for consultation, contact in page:
                if contact and contacts.meant(contact["channel"], contact["address"]) in wanted:
                    chosen[consultation.id] = consultation.ticket
            looked += len(page)
            bars.step("looked at", looked, max(looked, total))
    return chosen


def _with_tools(what: str, act: Callable[[Tools], Awaitable[int]]) -> int:
    """`what`: the command, as the audit of intake is to name it."""
    settings = IntakeSettings.load_beside()
    try:
        encryption = open_encryption(settings)
    except KeyServiceFailed as error:
        console.print(f"KLIK_MASTER_KEYS: {error}")
        return 1

    async def go() -> int:
        database = Database(
            settings.mongo_dsn, f"{settings.mongo_prefix}_intake", settings.mongo_driver
        )
        consultations = database.collection("consultations")
        data_keys = database.collection("data_keys")
        keys = DataKeys(data_keys, encryption)
        # never started: what is to be told waits for intake, which signs it
        publisher = Publisher(settings.amqp_dsn, "klik", Signing.fixed(EventKeys({})))
        outbox = Outbox(database, consultations, "consultations", publisher)
        store = ErasuresStore(consultations, database.collection("erasures"), keys, outbox)
        tools = Tools(
            settings,
            store,
            Erasure(store, shifted(settings.clock_shift)),
            Rotation(consultations, data_keys, encryption),
            MasterKeys(database.collection("master_keys"), encryption),
            Deeds(AuditLog(database.collection(COLLECTION), "intake"), what),
            Consultations(consultations, keys, outbox, encryption),
            SavedRepliesStore(
                database.collection("saved_replies"), keys, encryption.secret(REPLIES)
            ),
        )
        try:
            await tools.master_keys.prepare()
            return await act(tools)
        except KlikError as error:
            console.print(str(error))
            return 1
        finally:
            await database.close()

    return asyncio.run(go())
