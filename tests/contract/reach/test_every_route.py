"""Every route of every service, as every role, about everything: all answers are those of `table`.

The routes are the apps' own: one that `table` does not know fails here, whatever it answers.
"""

import io
import re
import zipfile

import httpx
import pyarrow.parquet as pq
import pytest

from shared.reference import COMPLAINT
from tests.contract.reach.asking import Asking
from tests.contract.reach.system import SECRET
from tests.contract.reach.table import (
    ANOTHERS,
    BOUND,
    CONSULTATIONS,
    HOME,
    KEYS,
    NEXT,
    NOBODY,
    OPEN,
    OWN,
    PEOPLE,
    REQUESTERS,
    ROSTERS,
    SIGHT,
    TABLE,
    UNKNOWN,
    WRITTEN,
    Line,
    Sees,
)
from tests.contract.test_access import GUARDED, ROUTES, Route, name_of
from tests.support.keys import bearer


def targets(line: Line) -> list[str]:
    """What a route is asked about, one after the other."""
    return {
        "consultation": [*SIGHT],
        "roster": [*ROSTERS],
        "person": [*PEOPLE],
        "entry": [*WRITTEN],
        "webhook": [OWN, ANOTHERS, UNKNOWN],
        "figures": ["", HOME, NEXT],
        "consultations": ["", HOME, NEXT],
    }.get(line.about, [""])


def side(who: str, sees: Sees) -> int:
    role, place = KEYS.get(who, ("requester", None))
    if role == "requester":
        return sees.requester if who == "requester" else 404
    if role == "frontend":
        return sees.front_end
    if role in BOUND:
        return sees.home if place == HOME else sees.next
    return sees.everywhere


def expected(who: str, line: Line, target: str, says: str | None) -> int:
    """Who nobody knows is 401; whose role may not is 403, whatever it is about; then what each side
    sees; then what was erased; and then whose words they are."""
    role, place = KEYS.get(who, ("requester", None))
    if who in NOBODY:
        return 401
    if role not in line.may:
        return 403
    if line.about in ("figures", "consultations"):
        return 403 if role in BOUND and target not in ("", place) else 200
    if line.about == "webhook":
        return 200 if target == OWN or (target == ANOTHERS and role == "admin") else 404
    tables = {"consultation": SIGHT, "roster": ROSTERS, "person": PEOPLE, "entry": WRITTEN}
    if line.about in tables:
        seen = side(who, tables[line.about][target])
        if seen != 200:
            return seen
        if line.erased != 200 and CONSULTATIONS[target].erased:
            return line.erased
    return 403 if says and role not in line.says[says] else 200


def test_table_knows_every_route_and_no_other() -> None:
    assert {one.name for one in GUARDED} == TABLE.keys()
    assert {one.name for one in ROUTES if not one.guarded} == OPEN.keys()


@pytest.mark.parametrize("route", GUARDED, ids=name_of)
async def test_route_answers_everybody_by_the_table(asking: Asking, route: Route) -> None:
    line, unexpected = TABLE[route.name], []
    for who in (*KEYS, *REQUESTERS, *NOBODY):
        for target in targets(line):
            for says in line.says or (None,):
                reply = await asking.ask(route, who, target, says)
                # a move that the state forbids is one that the caller may make
                got = 200 if reply.status_code in (201, 202, 204, 207, 409) else reply.status_code
                is_unknown = (
                    who in REQUESTERS and route.service != "intake"
                )  # which alone knows them
                wanted = 401 if is_unknown else expected(who, line, target, says)
                if got != wanted:
                    cell = f"{who}, {target or 'nothing'}, {says or ''}"
                    unexpected.append(f"{cell}: {wanted} wanted, {reply.status_code} {reply.text}")
    assert not unexpected, "\n".join(unexpected[:20])


OF_MANY = ("consultations", "alerts", "figures", "summaries")


async def test_token_of_the_issuer_that_holds_is_let_in(asking: Asking) -> None:
    """Else those that are refused above would prove nothing."""
    (route,) = (one for one in GUARDED if one.name == "list_webhooks")
    for who, status in (("token of the issuer", 200), (NOBODY[-1], 401), (NOBODY[-2], 401)):
        assert (await asking.ask(route, who)).status_code == status


LISTS = [one for one in GUARDED if TABLE[one.name].about in OF_MANY]


def text_of(reply: httpx.Response) -> str:
    """All that is in a file, as text."""
    kind = reply.headers["content-type"]
    if "parquet" in kind:
        return str(pq.read_table(io.BytesIO(reply.content)).to_pylist())
    if "spreadsheet" in kind:
        with zipfile.ZipFile(io.BytesIO(reply.content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    return reply.text


@pytest.mark.parametrize("route", LISTS, ids=name_of)
async def test_list_holds_what_may_be_seen_one_by_one_and_no_more(
    asking: Asking, route: Route
) -> None:
    """Also as a file, and whatever is counted: of one kecamatan nothing of its complaints."""
    line, system = TABLE[route.name], asking.system
    for who, (role, place) in KEYS.items():
        if role not in line.may:
            continue
        text = text_of(await asking.ask(route, who))
        if line.about in ("consultations", "alerts"):
            listed = {name for name, id_ in system.ids.items() if str(id_) in text}
            seen = {name for name in system.ids if side(who, SIGHT[name]) == 200}
            assert listed == seen, f"{who}: {listed ^ seen}"
        elif role in BOUND:
            assert others(asking, route, text, place) == set(), who
        else:
            assert others(asking, route, text, HOME), f"{who} sees one kecamatan alone"


def others(asking: Asking, route: Route, text: str, place: str | None) -> set[str]:
    """What is told that is not of `place`: codes of other kecamatan, ids of their consultations,
    and complaints."""
    if route.name.startswith("list_members"):
        rows = asking.system.dashboard.reports.rows
        return {
            one.id
            for one in rows
            if one.id in text and (one.kecamatan != place or one.kind == COMPLAINT)
        }
    codes = set(re.findall(r"64\.02\.\d\d", text)) - {place}
    return codes | ({COMPLAINT} & set(re.findall(r"\w+", text)))


TEXTS = [one for one in GUARDED if TABLE[one.name].about == "texts"]


@pytest.mark.parametrize("route", TEXTS, ids=name_of)
async def test_saved_replies_are_the_callers_own_even_to_an_administrator(
    asking: Asking, route: Route
) -> None:
    for who, (role, _) in KEYS.items():
        reply = await asking.ask(route, who)
        assert SECRET not in reply.text, who
        assert [one.body for one in await asking.system.replies.of("another")] == [SECRET], (
            f"{who} ({role}) changed another's"
        )


async def test_webhooks_are_listed_to_the_key_that_made_them_and_to_an_administrator(
    asking: Asking,
) -> None:
    (route,) = (one for one in GUARDED if one.name == "list_webhooks")
    for who, (role, _) in KEYS.items():
        if role in TABLE[route.name].may:
            asking.system.reset()
            own, anothers = [await asking.system.hook(one) for one in (who, "another key")]
            reply = await asking.clients["notify"].get("/v1/webhooks", headers=bearer(who))
            listed = {one["id"] for one in reply.json()["webhooks"]}
            assert listed == {str(own)} | ({str(anothers)} if role == "admin" else set()), who
