"""What is wrong with a request is told in the language that is asked for, down to each field."""

import copy
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.web.auth import Role
from tests.support.builders import LOCAL, POLICY, a_post
from tests.support.keys import KEYS, bearer, keyring_text
from tests.support.storeless import credential, open_storeless

AN_ID = "019aa000-0000-7000-8000-000000000001"
#: Bodies that are taken, by service, method and path.
BODIES: Mapping[tuple[str, str, str], Any] = {
    ("intake", "POST", "/v1/consultations"): a_post(
        requester={
            "role": "bpd",
            "name": "Nama",
            "contact": {"channel": "email", "address": "desa@contoh.example"},
        },
        kind="konsultasi",
        channel="web",
        sdgs_goal=1,
        vulnerable_group=True,
        submitted_at="2026-11-24T09:30:00+08:00",
        anonymous=False,
    ),
    ("intake", "POST", "/v1/consultations:batch"): {"items": [a_post()]},
    ("intake", "POST", f"/v1/consultations/{AN_ID}/messages"): {"kind": "answer", "body": "Isi"},
    ("intake", "POST", f"/v1/consultations/{AN_ID}/reject"): {"reason": "duplicate"},
    ("intake", "POST", f"/v1/consultations/{AN_ID}/rating"): {"rating": 5, "comment": "Baik"},
    ("intake", "POST", f"/v1/consultations/{AN_ID}/transfer"): {
        "to": "64.02.06",
        "officer": "petugas-1",
        "reason": "expertise",
    },
    ("routing", "PUT", "/v1/policy"): POLICY.model_dump(mode="json", exclude={"version"}),
    ("routing", "PUT", "/v1/calendar/local"): LOCAL.model_dump(mode="json")
    | {"days": [{"day": "2026-11-25", "kind": "closed", "name": "Pilkades", "hours": []}]},
    ("routing", "PUT", "/v1/satgas/64.02.06"): {
        "officers": [
            {
                "code": "a",
                "topics": ["KEU"],
                "capacity": 3,
                "available": True,
                "leave": [{"first": "2026-11-25", "last": "2026-11-26"}],
            }
        ],
        "coordinator": "a",
        "camat": "c",
    },
    ("notify", "PUT", "/v1/recipients/petugas-1"): {
        "role": "officer",
        "satgas": "64.02.06",
        "language": "id",
        "channels": [{"channel": "email", "address": "a@contoh.example"}],
        "quiet_hours": True,
        "digest": False,
    },
    ("notify", "PUT", "/v1/opt-outs"): {
        "channel": "email",
        "address": "a@contoh.example",
        "opted_out": True,
    },
    ("notify", "POST", "/v1/webhooks"): {
        "url": "https://desa.example/hook",
        "events": ["case.held"],
        "kecamatan": ["64.02.06"],
        "contact": "petugas-1",
    },
}
#: What no field takes, or few: none, the wrong type, too long, too small, no code …
WRONG: tuple[Any, ...] = (
    None, True, -1, 10**30, 1.5, "", " ", "x", "x" * 9000, [], [None], {}, {"x": 1},
    "2026-13-45", "2026-11-24T25:00:00+08:00", "07:30-25:00", ["12:00-07:30"], ["x"] * 300,
)  # fmt: skip
#: What is asked beside a body, each wrongly.
QUERIES: tuple[tuple[str, str], ...] = (
    ("intake", "/v1/consultations/x"),
    ("intake", "/v1/consultations?limit=0"),
    ("intake", "/v1/consultations?limit=9999"),
    ("intake", "/v1/consultations?limit=satu&cursor=x&status=x&kecamatan=x&officer=%20"),
    ("intake", "/v1/accepted"),
    ("intake", "/v1/accepted?from=2026-11-25&to=2026-11-24"),
    ("intake", "/v1/accepted?from=kemarin&to=20261124"),
    ("intake", "/v1/reference/nothing"),
    ("intake", "/v1/consultations?q=x"),
    ("routing", "/v1/calendar"),
    ("routing", "/v1/calendar?year=1900"),
    ("routing", "/v1/calendar?year=MMXXVI"),
    ("routing", "/v1/satgas/x"),
    ("notify", "/v1/alerts?state=x&consultation=x&recipient=%20"),
    ("notify", "/v1/alerts/x"),
    ("reporting", "/v1/reports/consultations?group_by=x&kecamatan=x&limit=0&empty=x&as_of=x"),
    ("reporting", "/v1/reports/consultations?from=2026-11-25&to=2026-11-24"),
    ("reporting", "/v1/reports/consultations?from=2000-01-01&to=2026-11-24"),
    ("reporting", "/v1/reports/consultations?as_of=2999-01-01T00:00:00Z"),
    ("reporting", "/v1/reports/consultations?as_of=1960-01-01T00:00:00Z"),
    ("reporting", "/v1/reports/consultations?open_data=true&group_by=day"),
    ("reporting", "/v1/reports/consultations?open_data=true&topic=KEU-DD"),
    ("reporting", "/v1/reports/consultations?open_data=true&from=2026-11-02"),
    ("reporting", "/v1/reports/consultations?cursor=x"),
    ("reporting", "/v1/reports/members?of=x&after=x"),
    ("reporting", "/v1/reports/summaries?every=x"),
)


@pytest.fixture(scope="module")
async def clients() -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Each service's app, open, but with no store: what is not refused gets 503."""
    async with open_storeless(keyring_text(), bearer(KEYS[Role.ADMIN])) as found:
        yield found


def places(body: Any, at: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """The path of every value in it, its own first."""
    yield at
    if isinstance(body, dict | list):
        for name, inner in body.items() if isinstance(body, dict) else enumerate(body):
            yield from places(inner, (*at, name))


def with_value(body: Any, at: tuple[int | str, ...], value: Any) -> Any:
    if not at:
        return value
    changed = copy.deepcopy(body)
    inner = changed
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return changed


async def told(
    client: httpx.AsyncClient, method: str, path: str, **more: Any
) -> list[tuple[str, str, str, str]]:
    """Pointer, code, and what is told in Indonesian and English, of each field that is wrong."""
    said = []
    own = bearer(credential(Role.REQUESTER)) if path.endswith("/rating") else {}
    for language in ("id", "en"):
        headers = {**own, "Accept-Language": language}
        reply = await client.request(method, path, headers=headers, **more)
        if reply.status_code == 207:
            results = reply.json()["results"]
            said.append([one for result in results for one in result.get("errors", [])])
        elif reply.status_code == 422:
            said.append(reply.json()["errors"])
        else:
            return []
    indonesian, english = said
    return [
        (one["pointer"], one["code"], one["detail"], other["detail"])
        for one, other in zip(indonesian, english, strict=True)
    ]


def untold(fields: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
    """Those told alike in both languages, or in Indonesian by what would fit any fault."""
    return [one for one in fields if one[2] in (one[3], "Isian ini tidak sesuai.")]


@pytest.mark.parametrize(("service", "path"), QUERIES)
async def test_detail_is_in_the_readers_language_when_a_parameter_is_wrong(
    clients: dict[str, httpx.AsyncClient], service: str, path: str
) -> None:
    fields = await told(clients[service], "GET", path)

    assert fields or service != "intake"
    assert untold(fields) == []


@pytest.mark.parametrize("where", BODIES, ids=lambda where: " ".join(where))
async def test_detail_is_in_the_readers_language_when_a_field_is_wrong(
    clients: dict[str, httpx.AsyncClient], where: tuple[str, str, str]
) -> None:
    """Each field in turn with everything that it may not be; and what is missing, or too much."""
    (service, method, path), body = where, BODIES[where]
    seen = 0
    if isinstance(body, dict):
        for wrong in ({}, {**body, "tidak_dikenal": 1}):
            fields = await told(clients[service], method, path, json=wrong)
            seen += len(fields)
            assert untold(fields) == []
    for at in places(body):
        for value in WRONG:
            changed = with_value(body, at, value)
            fields = await told(clients[service], method, path, json=changed)
            seen += len(fields)
            assert untold(fields) == [], (at, value)
    assert seen > len(WRONG)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(where=st.sampled_from(sorted(BODIES)), data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
async def test_detail_is_in_the_readers_language_whatever_a_field_holds(
    clients: dict[str, httpx.AsyncClient], where: tuple[str, str, str], data: st.DataObject
) -> None:
    (service, method, path), body = where, BODIES[where]
    at = data.draw(st.sampled_from(list(places(body))))
    changed = with_value(body, at, data.draw(JSON))

    fields = await told(clients[service], method, path, json=changed)

    assert untold(fields) == []


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"content": b"{"}, "malformed"),
        ({"content": b"x" * 70_000}, "too_large"),
        ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, "unsupported_media_type"),
        (
            {"content": b"{}", "headers": {"Content-Encoding": "gzip"}},
            "unsupported_media_type",
        ),
        ({"json": a_post(), "headers": bearer(KEYS[Role.ANALYST])}, "forbidden"),
    ],
)
async def test_detail_is_in_the_readers_language_when_a_request_is_refused(
    clients: dict[str, httpx.AsyncClient], how: dict[str, Any], kind: str
) -> None:
    said = set()
    for language in ("id", "en"):
        headers = {
            "Content-Type": "application/json",
            **how.get("headers", {}),
            "Accept-Language": language,
        }
        reply = await clients["intake"].post("/v1/consultations", **{**how, "headers": headers})
        problem = reply.json()
        assert problem["type"] == f"urn:klikdesa:problem:{kind}"
        said.add(problem["detail"])
    assert len(said) == 2
