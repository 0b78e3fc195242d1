"""Characters that cannot be seen: refused in every body, and shown so that they do no harm."""

import json
import logging
import re
import unicodedata
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Annotated, Any
from uuid import uuid4

import httpx
import pytest
from fastapi import Query
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from services.intake import api as intake_api
from services.intake.acceptance import Acceptance
from services.intake.api.consultation_schemas import ConsultationView
from services.intake.api.inbox_schemas import InboxItem
from services.intake.api.track import TrackView
from services.intake.domain.consultation import Message, Private, submit
from services.intake.domain.submission import Submission
from services.intake.erasure import Erasure
from services.intake.moves import Moves
from services.routing import api as routing_api
from shared.logs import JsonFormatter
from shared.text import json_documents
from shared.text.characters import LINE, line
from shared.text.wording import Unfit
from shared.web.app import create_http
from shared.web.auth import Keyring
from shared.web.permissions import Role
from tests.support.builders import NOON, a_post
from tests.support.fakes import Clock, FakeConsultations, tracking
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.services.notify import FakeAlerts, FakeRecipients
from tests.support.services.notify_routes import notify_routes
from tests.support.services.routing import routing

FRONTEND, DPMD, ADMIN = (bearer(KEYS[one]) for one in (Role.FRONTEND, Role.DPMD, Role.ADMIN))
CONTROLS = [
    chr(code)
    for code in (*range(0x20), *range(0x7F, 0xA0))
    if chr(code) not in "\t\n\r"
]  # fmt: skip
OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}"
#: Each opens, closes or is a direction.
MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    """All services that take texts behind one address, as behind the gateway."""
    app = create_http("all", "", Keyring.parse(keyring_text()), lambda: True, None)
    store, clock = FakeConsultations(), Clock(NOON)
    reads: Any = store
    app.include_router(
        intake_api.routes(
            Acceptance(store, clock),
            Moves(store, clock),
            reads,
            tracking(store, clock),
            Erasure(store, clock),
        )
    )
    app.include_router(notify_routes(FakeAlerts(), FakeRecipients()))
    here = routing(**{"64_02_06": ("a", "b"), "dpmd": ("d",)})
    app.include_router(routing_api.routes(here.cases, here.rosters, here.rules, here.clock))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://k/v1") as one:
        yield one


async def submitted(client: httpx.AsyncClient, **changes: Any) -> Any:
    reply = await client.post("/consultations", json=a_post(**changes), headers=FRONTEND)
    assert reply.status_code == 202, reply.text
    return reply.json()


async def local_calendar(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    local = (await client.get("/calendar/local", headers=DPMD)).json()
    day = {"day": "2026-11-25", "kind": "closed", "name": name}
    return {**local, "days": [day]}


def pointers(problem: Any) -> list[str]:
    return [error["pointer"] for error in problem["errors"]]


# Controls


async def test_control_character_is_refused_with_a_pointer_when_posted(
    client: httpx.AsyncClient,
) -> None:
    for control in CONTROLS:
        text = f"Dana{control}Desa"
        reply = await client.post("/consultations", json=a_post(title=text), headers=FRONTEND)
        assert (reply.status_code, control) == (422, control)
        assert pointers(reply.json()) == ["/title"]
        assert text not in reply.text


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "a\x1b[2J", "a\x85b", "a\ud800b"])
async def test_text_with_a_control_is_refused_with_a_pointer_when_sent_anywhere(
    client: httpx.AsyncClient, text: str
) -> None:
    id_ = (await submitted(client))["id"]
    at = f"/consultations/{id_}"
    webhook = {"url": "https://desa.example/hook", "events": []}
    roster = {"officers": [{"code": "a"}]}
    channels = [{"channel": "email", "address": text}]
    bodies: list[tuple[str, str, Any, str]] = [
        ("POST", "/consultations", a_post(title=text), "/title"),
        ("POST", "/consultations", a_post(body=text), "/body"),
        ("POST", "/consultations", a_post(topic=text), "/topic"),
        (
            "POST",
            "/consultations",
            a_post(requester={"role": "bpd", "name": text}),
            "/requester/name",
        ),
        (
            "POST",
            "/consultations",
            a_post(requester={"role": "bpd", "contact": channels[0]}),
            "/requester/contact/address",
        ),
        *(
            ("POST", f"{at}/messages", {"kind": kind, "body": text}, "/body")
            for kind in ("answer", "question", "note", "reply")
        ),
        ("POST", f"{at}/rating", {"rating": 5, "comment": text}, "/comment"),
        ("POST", f"{at}/reject", {"reason": text}, "/reason"),
        ("POST", f"{at}/transfer", {"to": "dpmd", "reason": text}, "/reason"),
        ("POST", f"{at}/escalate", {"reason": text}, "/reason"),
        ("PUT", "/calendar/local", await local_calendar(client, text), "/days/0/name"),
        ("PUT", "/satgas/64.02.06", roster | {"camat": text}, "/camat"),
        ("PUT", "/satgas/64.02.06", {"officers": [{"code": text}]}, "/officers/0/code"),
        ("PUT", "/recipients/x", {"role": "dpmd", "satgas": text}, "/satgas"),
        (
            "PUT",
            "/recipients/x",
            {"role": "dpmd", "satgas": "dpmd", "channels": channels},
            "/channels/0/address",
        ),
        (
            "PUT",
            "/opt-outs",
            {"channel": "email", "address": text, "opted_out": True},
            "/address",
        ),
        ("POST", "/webhooks", webhook | {"url": text}, "/url"),
        ("POST", "/webhooks", webhook | {"contact": text}, "/contact"),
    ]
    for method, path, body, pointer in bodies:
        reply = await client.request(
            method,
            path,
            content=json.dumps(body),
            headers={**ADMIN, "Content-Type": "application/json"},
        )
        assert (reply.status_code, path, pointer) == (422, path, pointer), reply.text
        assert pointers(reply.json()) == [pointer]


async def test_one_post_of_a_batch_is_refused_when_its_text_has_a_control(
    client: httpx.AsyncClient,
) -> None:
    items = [a_post(), a_post(body="a\x00b"), a_post(title="a\ud800b"), a_post()]
    reply = await client.post(
        "/consultations:batch",
        content=json.dumps({"items": items}),
        headers={**FRONTEND, "Content-Type": "application/json"},
    )
    results = reply.json()["results"]
    assert [one["status"] for one in results] == [202, 422, 422, 202]
    assert [pointers(one) for one in results[1:3]] == [["/items/1/body"], ["/items/2/title"]]


# I-JSON


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        (('"title": "', '"title": "x", "title": "'), "/title", "repeated_name"),
        (('"title": "', '"title": "x", "\\u0074itle": "'), "/title", "repeated_name"),
        (('"role": ', '"role": "x", "role": '), "/requester/role", "repeated_name"),
        (('"title": "', '"sdgs_goal": NaN, "title": "'), "/sdgs_goal", "not_finite"),
        (('"title": "', '"sdgs_goal": -Infinity, "title": "'), "/sdgs_goal", "not_finite"),
        (('"title": "', '"sdgs_goal": 1e999, "title": "'), "/sdgs_goal", "not_finite"),
        (('"title": "', '"~/": 1, "~/": 2, "title": "'), "/~0~1", "repeated_name"),
    ],
)
async def test_body_is_refused_with_a_pointer_when_readers_could_differ_about_it(
    client: httpx.AsyncClient, change: tuple[str, str], pointer: str, code: str
) -> None:
    body = json.dumps(a_post()).replace(*change)
    headers = {**FRONTEND, "Content-Type": "application/json"}
    reply = await client.post("/consultations", content=body, headers=headers)
    faults = [(one["pointer"], one["code"]) for one in reply.json()["errors"]]
    assert (reply.status_code, faults) == (422, [(pointer, code)])

    of_two = f'{{"items": [{json.dumps(a_post())}, {body}]}}'
    reply = await client.post("/consultations:batch", content=of_two, headers=headers)
    if code == "not_finite":
        statuses = [one["status"] for one in reply.json()["results"]]
        assert (reply.status_code, statuses) == (207, [202, 422])
    else:
        assert (reply.status_code, pointers(reply.json())) == (422, [f"/items/1{pointer}"])


@pytest.mark.parametrize("body", [b'\xff{"a":1}', '{"a":1}'.encode("utf-16"), b"\xef\xbb\xbf{}"])
async def test_body_is_refused_when_it_is_not_utf_8(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {**FRONTEND, "Content-Type": "application/json"}
    reply = await client.post("/consultations", content=body, headers=headers)
    assert reply.status_code == 400


@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=1), st.data())
def test_names_are_told_when_an_object_has_them_twice(fields: dict[str, int], data: Any) -> None:
    again = data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True))
    pairs = [*fields.items(), *((name, 0) for name in again)]
    text = ",".join(f"{json.dumps(name)}:{value}" for name, value in pairs)
    read = json_documents.read(f"{{{text}}}".encode())
    assert read == fields | dict.fromkeys(again, 0)
    assert sorted(getattr(read, "repeated", [])) == sorted(again)


#: Takes whatever is JSON.
ANY = create_http("any", "", Keyring.parse(keyring_text()), lambda: True, None)


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


@ANY.get("/any")
async def ask(asked: Annotated[Asked, Query()]) -> None: ...


@ANY.post("/any")
async def take(body: dict[str, Any]) -> None: ...


TREES = st.recursive(
    st.none() | st.integers() | st.text("a~/é\N{RIGHT-TO-LEFT MARK}\n", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("b~/"), inner, max_size=3),
)


@given(TREES, st.sampled_from([*CONTROLS, "\ud800", "\udfff"]), st.text("~/c"))
async def test_pointer_leads_to_the_control_when_it_is_anywhere(
    tree: Any, control: str, name: str
) -> None:
    body = {"here": [tree, {name: [f"x{control}", tree]}]}
    transport = httpx.ASGITransport(ANY)
    async with httpx.AsyncClient(transport=transport, base_url="http://k") as one:
        reply = await one.post(
            "/any", content=json.dumps(body), headers={"Content-Type": "application/json"}
        )
    assert reply.status_code == 422
    found: Any = body
    (pointer,) = pointers(reply.json())
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found[int(key)] if isinstance(found, list) else found[key]
    assert found == f"x{control}"


async def test_body_nested_as_deep_as_can_be_read_is_answered(client: httpx.AsyncClient) -> None:
    for depth in (100, 500, 900, 990, 2_000):
        reply = await client.post(
            "/consultations",
            content='{"title":' + "[" * depth + "]" * depth + "}",
            headers={**FRONTEND, "Content-Type": "application/json"},
        )
        assert reply.status_code in (400, 422)


@pytest.mark.parametrize("name", [OVERRIDE + "eltit", "a\x00", "\ud800", "\N{ZERO WIDTH SPACE}"])
async def test_pointer_has_no_mark_when_the_name_of_a_field_has(
    client: httpx.AsyncClient, name: str
) -> None:
    reply = await client.post(
        "/consultations",
        content=json.dumps(a_post() | {name: "x"}),
        headers={**FRONTEND, "Content-Type": "application/json"},
    )
    assert reply.status_code == 422
    assert not [one for pointer in pointers(reply.json()) for one in pointer if invisible(one)]


@pytest.mark.parametrize("name", [OVERRIDE + "x", "\x00", "\x1b[2J", "\N{ZERO WIDTH SPACE}"])
async def test_pointer_has_no_mark_when_the_name_of_a_parameter_has(name: str) -> None:
    transport = httpx.ASGITransport(ANY)
    async with httpx.AsyncClient(transport=transport, base_url="http://k") as one:
        reply = await one.get("/any", params={name: "1"})
    assert reply.status_code == 422
    (pointer,) = pointers(reply.json())
    assert pointer.startswith("query:")
    assert not [char for char in pointer if invisible(char)]


def invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs")


async def test_instance_is_a_uri_when_the_path_has_marks(client: httpx.AsyncClient) -> None:
    for path in ("/%E2%80%AEx", "/x%00", "/%1B%5B2J", "/desa Rapak/é"):
        reply = await client.get(path, headers=DPMD)
        instance = reply.json()["instance"]
        assert instance.isascii()
        assert instance.isprintable()
        assert " " not in instance


# Line breaks


ON_SEVERAL = ["a\r\nBcc: b", "a\nb", "a\rb", "a\tb", "a\u2028b", "a\u2029b", "a\n", "\na", "a\x85b"]
UNSEEN = [
    *("\u200b", "\u200d", "\ufeff", "\u2060\u200b", "\u3164", "\u2800", "\ufe0f", "\U000e0020"),
    *(f"a{mark}b" for mark in f"{MARKS}\xad\u200b\ufeff\U000e0041"),
    *("\u200da", "a\u200c", "a \u200db", "a\u200d\u200db"),
]
WORDS = [
    *("می\u200cخواهم", "क्\u200dष", "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}", "O’Neil", "م\u0600"),
    *("\N{EYE}\ufe0f\u200d\N{LEFT SPEECH BUBBLE}\ufe0f", "Rapak\xa0Lambur", "Dana \u3000 Desa"),
]


@pytest.mark.parametrize("text", [*ON_SEVERAL, *UNSEEN])
async def test_title_name_and_address_are_refused_when_not_on_one_line_or_unseen(
    client: httpx.AsyncClient, text: str
) -> None:
    contact = {"channel": "email", "address": f"desa{text}@contoh.example"}
    for change, pointer in (
        ({"title": text}, "/title"),
        ({"requester": {"role": "bpd", "name": text}}, "/requester/name"),
        ({"requester": {"role": "bpd", "contact": contact}}, "/requester/contact/address"),
    ):
        if text in UNSEEN and "contact" in str(change):
            continue  # what comes along where an address is copied is not kept
        reply = await client.post("/consultations", json=a_post(**change), headers=FRONTEND)
        assert reply.status_code == 422, pointer
        assert pointers(reply.json()) == [pointer]
        items = {"items": [a_post(), a_post(**change)]}
        reply = await client.post("/consultations:batch", json=items, headers=FRONTEND)
        ends = [one["status"] for one in reply.json()["results"]]
        assert (ends, pointers(reply.json()["results"][1])) == ([202, 422], [f"/items/1{pointer}"])


async def test_body_is_refused_when_nothing_of_it_is_seen(client: httpx.AsyncClient) -> None:
    for text in ("\u200b", "\u3164 \n", "\ufeff\u200d"):
        reply = await client.post("/consultations", json=a_post(body=text), headers=FRONTEND)
        assert (reply.status_code, pointers(reply.json())) == (422, ["/body"])


@pytest.mark.parametrize("text", WORDS)
async def test_word_is_kept_when_its_script_joins_characters(
    client: httpx.AsyncClient, text: str
) -> None:
    post = await submitted(client, title=text, requester={"role": "bpd", "name": text})
    seen = (await client.get(f"/consultations/{post['id']}", headers=DPMD)).json()
    assert (seen["title"], seen["requester"]["name"]) == (text, text)


async def test_title_and_name_are_kept_composed_and_the_body_on_its_lines(
    client: httpx.AsyncClient,
) -> None:
    requester = {"role": "bpd", "name": "Andre\u0301"}
    body = "Satu\n\tdua\r\ntiga"
    post = await submitted(client, title="Cafe\u0301", body=body, requester=requester)
    seen = (await client.get(f"/consultations/{post['id']}", headers=DPMD)).json()
    assert seen["title"] == "Caf\xe9"
    assert seen["requester"]["name"] == "Andr\xe9"
    assert seen["body"] == body


def test_formats_that_are_not_shown_are_all_off_the_line() -> None:
    """Of this Python's Unicode; a few of some scripts are drawn."""
    drawn = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp"):
            text = f"a {chr(code)}b"
            if code in drawn:
                assert line(text) == text
            else:
                with pytest.raises(Unfit):
                    line(text)


@given(st.text(max_size=12))
def test_title_fits_the_contract_when_it_is_taken(text: str) -> None:
    """What the contract says is wider in one thing: where joiners may be."""
    try:
        Submission.model_validate(a_post(title=text))
    except ValidationError:
        return
    assert re.search(LINE, text.strip())


async def test_day_is_named_on_one_line_when_put_on_several(client: httpx.AsyncClient) -> None:
    local = await local_calendar(client, "Pilkades\nserentak")
    put = await client.put("/calendar/local", json=local, headers=DPMD)
    assert put.status_code == 200, put.text
    days = (await client.get("/calendar?year=2026", headers=DPMD)).json()["holidays"]
    assert "Pilkades serentak" in [one["name"] for one in days]


# Directions


def leaks(text: str) -> bool:
    """Whether what stands after `text` would be in a direction that it opened, or it closes one
    that was opened before it: by the rules of Unicode's UAX #9 for one paragraph."""
    opened: list[str] = []
    for char in text:
        if char in "\n\r\u2029":
            opened = []
        elif char in "\u2066\u2067\u2068":
            opened.append("isolate")
        elif char in "\u202a\u202b\u202d\u202e":
            opened.append("embedding")
        elif char == "\u202c":
            if opened and opened[-1] == "embedding":
                opened.pop()
            elif not opened:
                return True
        elif char == "\u2069":
            if "isolate" not in opened:
                return True
            while opened.pop() != "isolate":
                pass
        elif char in "\u061c\u200e\u200f" and "isolate" not in opened:
            return True
    return bool(opened)


TEXTS = st.lists(st.sampled_from([*MARKS, "a", "ش", " ", "\n"]), min_size=1, max_size=12).map(
    "".join
)


@given(st.lists(TEXTS.map("x{}x".format), min_size=4, max_size=4))
def test_marks_of_direction_end_with_their_text_when_it_is_shown(texts: list[str]) -> None:
    title, body, name, said = texts
    post = Submission.model_validate(a_post(body=body))
    new, _ = submit(post, id_=uuid4(), event_id=uuid4(), ticket="KD-7F3K-9QXM", now=NOON)
    message = Message("1", "answer", said, NOON, "officer", "a")
    # titles and names from before marks were refused in them
    found = replace(new, title=title, messages=(message,), comment=said, rating=5)

    seen = ConsultationView.of(found, Private("123456", name))

    tracked = TrackView.of(found, "id")
    shown = [
        seen.title,
        seen.body,
        seen.messages[0].body,
        seen.requester.name,
        seen.rating_comment,
        InboxItem.of(found, "id").title,
        tracked.messages[0].body,
    ]
    assert [one for one in shown if one is None or leaks(one)] == []
    assert without_marks(seen.body) == without_marks(body)


def without_marks(text: str) -> str:
    return "".join(char for char in text if char not in MARKS)


async def test_marks_of_direction_are_kept_when_they_are_closed(client: httpx.AsyncClient) -> None:
    body = "Surat \N{RIGHT-TO-LEFT ISOLATE}سلام\N{POP DIRECTIONAL ISOLATE} dari desa"
    post = await submitted(client, body=body)
    seen = (await client.get(f"/consultations/{post['id']}", headers=DPMD)).json()
    assert body in seen["body"]


async def test_marks_of_direction_end_with_the_name_of_a_day_when_it_is_shown(
    client: httpx.AsyncClient,
) -> None:
    local = await local_calendar(client, f"Pilkades {OVERRIDE}serentak")
    await client.put("/calendar/local", json=local, headers=DPMD)
    days = (await client.get("/calendar?year=2026", headers=DPMD)).json()["holidays"]
    assert [one["name"] for one in days if leaks(one["name"])] == []
    # what is edited and put again stays as it is
    (day,) = (await client.get("/calendar/local", headers=DPMD)).json()["days"]
    assert day["name"] == f"Pilkades {OVERRIDE}serentak"


@given(st.text(), st.text())
def test_log_line_is_plain_whatever_is_in_it(message: str, value: str) -> None:
    record = logging.makeLogRecord({"msg": "%s", "args": (message,), "value": value})
    line = JsonFormatter("intake").format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["value"] == value
