"""Tokens of an OIDC issuer, whose keys are made here: what is let in, and what is not."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from shared.web.auth import looks_like_token
from shared.web.jwks import (
    FETCH_PAUSE_SECONDS,
    FIRST_FETCH_PAUSE_SECONDS,
    KEYS_FRESH_SECONDS,
    Jwks,
    parse_jwks,
    reader,
)
from shared.web.oidc import LEEWAY, IssuedTokens, Issuer, subject_id
from shared.web.permissions import Caller, Role
from shared.web.problems import Problem

ISSUER = Issuer("https://login.example", "klik-desa")
ALGORITHMS = ("RS256", "ES256", "EdDSA")


@cache
def private_key(name: str) -> Any:
    """By algorithm and number (`RS256-2`); made once, RSA keys take their time."""
    if name.startswith("RS"):
        return rsa.generate_private_key(65537, 1024 if "short" in name else 2048)
    return (
        ec.generate_private_key(ec.SECP256R1())
        if name.startswith("ES")
        else ed25519.Ed25519PrivateKey.generate()
    )


def public_jwk(name: str, **changes: Any) -> dict[str, Any]:
    algorithm = jwt.get_algorithm_by_name(name.split("-")[0])
    jwk: dict[str, Any] = json.loads(algorithm.to_jwk(private_key(name).public_key()))
    return {key: value for key, value in jwk.items() if key != "key_ops"} | {"kid": name} | changes


def jwks(*names: str) -> str:
    return json.dumps({"keys": [public_jwk(name) for name in names]})


def claims(**changes: Any) -> dict[str, Any]:
    """Those of an officer; None takes a claim away."""
    now = int(time.time())
    whole = {
        "iss": ISSUER.issuer,
        "aud": ISSUER.audience,
        "sub": "budi-1",
        "exp": now + 300,
        "klik_role": "officer",
        "klik_territory": "64.02.06",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def token(name: str = "RS256-1", kid: str | None = None, **changes: Any) -> str:
    headers = {"kid": kid or name}
    return jwt.encode(claims(**changes), private_key(name), name.split("-")[0], headers)


class Endpoint:
    """An issuer's JWKS address, under a clock that the test moves."""

    def __init__(self, document: str = "") -> None:
        self.document = document or jwks(*(f"{name}-1" for name in ALGORITHMS))
        self.down = False
        self.asked = 0
        self.seconds = 0.0
        self.keys = Jwks(self._fetch, lambda: self.seconds)
        self.tokens = IssuedTokens(ISSUER, self.keys)

    async def _fetch(self) -> str:
        self.asked += 1
        if self.down:
            raise httpx.ConnectError("away")
        return self.document

    async def refused(self, token: str) -> Problem:
        with pytest.raises(Problem) as refused:
            await self.tokens.identify(token)
        return refused.value


@pytest.fixture
def issuer() -> Endpoint:
    return Endpoint()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_good_token_tells_who_it_is(issuer: Endpoint, algorithm: str) -> None:
    ends = int(time.time()) + 300
    caller = await issuer.tokens.identify(token(f"{algorithm}-1", exp=ends))
    assert caller.until == datetime.fromtimestamp(ends, UTC)
    assert caller == Caller("budi-1", Role.OFFICER, "64.02.06", is_by_token=True)


async def test_a_role_for_all_needs_no_territory_and_gets_none(issuer: Endpoint) -> None:
    for territory in (None, "64.02.06"):
        caller = await issuer.tokens.identify(token(klik_role="dpmd", klik_territory=territory))
        assert caller == Caller("budi-1", Role.DPMD, is_by_token=True)


async def test_end_is_a_time_when_the_token_is_for_longer_than_there_are_years(
    issuer: Endpoint,
) -> None:
    caller = await issuer.tokens.identify(token(exp=10**15))
    assert caller.until is not None
    assert caller.until.year > 3000


async def test_an_audience_among_others_and_a_clock_a_little_off_will_do(issuer: Endpoint) -> None:
    now = int(time.time())
    await issuer.tokens.identify(token(aud=["other", ISSUER.audience]))
    await issuer.tokens.identify(token(exp=now - LEEWAY // 2, nbf=now + LEEWAY // 2))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": None}, "lacks a claim"),
        ({"aud": "other"}, "another audience"),
        ({"aud": None}, "lacks a claim"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "lacks a claim"),
        ({"nbf": 4102444800}, "not valid yet"),
        ({"sub": None}, "lacks a claim"),
        ({"sub": 7}, "trusted"),
    ],
)
async def test_a_claim_that_does_not_hold_is_401(
    issuer: Endpoint, changes: Mapping[str, Any], said: str
) -> None:
    problem = await issuer.refused(token(**changes))
    assert problem.kind == "unauthorized"
    assert said in str(problem.detail)
    assert problem.headers == {"WWW-Authenticate": "Bearer"}


@pytest.mark.parametrize(
    ("changes", "claim"),
    [
        ({"klik_role": "raja"}, "klik_role"),
        ({"klik_role": None}, "klik_role"),
        ({"klik_role": ["admin"]}, "klik_role"),
        ({"klik_role": {"admin": 1}}, "klik_role"),
        ({"klik_territory": None}, "klik_territory"),
        ({"klik_territory": "64.02.99"}, "klik_territory"),
        ({"klik_territory": "64.02.06.2012"}, "klik_territory"),
        ({"klik_territory": ["64.02.06"]}, "klik_territory"),
        ({"klik_role": "coordinator", "klik_territory": ""}, "klik_territory"),
    ],
)
async def test_a_role_or_territory_that_is_none_is_403_and_named(
    issuer: Endpoint, changes: Mapping[str, Any], claim: str
) -> None:
    problem = await issuer.refused(token(**changes))
    assert problem.kind == "forbidden"
    assert claim in str(problem.detail)


async def test_claims_may_have_other_names() -> None:
    endpoint = Endpoint()
    named = Issuer(ISSUER.issuer, ISSUER.audience, "peran", "wilayah")
    caller = await IssuedTokens(named, endpoint.keys).identify(
        token(klik_role=None, peran="officer", wilayah="64.02.07")
    )
    assert caller.territory == "64.02.07"


# --- forgeries


def encoded(part: Any) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def forged(header: Any, signature: bytes = b"", secret: bytes | None = None) -> str:
    signed = f"{encoded(header)}.{encoded(claims(klik_role='admin'))}"
    if secret is not None:
        signature = hmac.new(secret, signed.encode(), sha256).digest()
    return f"{signed}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def pem(name: str) -> bytes:
    public: bytes = (
        private_key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return public


FORGERIES = {
    "no signature": forged({"alg": "none", "kid": "RS256-1"}),
    "no signature, in capitals": forged({"alg": "NONE", "kid": "RS256-1"}),
    "no algorithm": forged({"kid": "RS256-1"}),
    "public key as a secret": forged({"alg": "HS256", "kid": "RS256-1"}, secret=pem("RS256-1")),
    "jwk as a secret": forged(
        {"alg": "HS256", "kid": "RS256-1"}, secret=json.dumps(public_jwk("RS256-1")).encode()
    ),
    "empty signature": forged({"alg": "RS256", "kid": "RS256-1"}),
    "own key under a known name": token("RS256-evil", kid="RS256-1"),
    "own key brought along": jwt.encode(
        claims(), private_key("RS256-evil"), "RS256", {"jwk": public_jwk("RS256-evil")}
    ),
    "other algorithm of the key": jwt.encode(
        claims(), private_key("RS256-1"), "RS512", {"kid": "RS256-1"}
    ),
    "other kind of key": token("ES256-1", kid="RS256-1"),
    "name that is no name": forged({"alg": "RS256", "kid": ["RS256-1"]}),
    "header that is no header": forged(["RS256"]),
    "changed claims": ".".join(
        [token().split(".")[0], encoded(claims(klik_role="admin")), token().split(".")[2]]
    ),
    "header without end": urlsafe_b64encode(b"[" * 20_000).decode().rstrip("=") + ".e30.e30",
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forgery_is_401(issuer: Endpoint, name: str) -> None:
    assert (await issuer.refused(FORGERIES[name])).kind == "unauthorized"


@given(st.lists(st.text(max_size=40), min_size=3, max_size=3).map(".".join))
async def test_any_other_text_is_401_and_no_failure(text: str) -> None:
    assert (await Endpoint().refused(text)).kind == "unauthorized"


async def test_no_token_is_ever_logged(issuer: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for text in (*FORGERIES.values(), token(exp=1)):
        await issuer.refused(text)
    assert caplog.records
    logged = " ".join(str(vars(line)) for line in caplog.records)
    assert not any(
        part in logged for text in FORGERIES.values() for part in text.split(".") if part
    )


# --- the issuer's keys


async def test_keys_are_asked_for_once_and_again_when_they_are_old(issuer: Endpoint) -> None:
    for _ in range(3):
        await issuer.tokens.identify(token())
    assert issuer.asked == 1
    issuer.seconds += KEYS_FRESH_SECONDS
    await issuer.tokens.identify(token())
    assert issuer.asked == 2


async def test_a_new_key_of_the_issuer_is_found_and_an_old_one_is_given_up(
    issuer: Endpoint,
) -> None:
    await issuer.tokens.identify(token("RS256-1"))
    issuer.document = jwks("RS256-2")
    issuer.seconds += FETCH_PAUSE_SECONDS
    await issuer.tokens.identify(token("RS256-2"))
    assert (await issuer.refused(token("RS256-1"))).kind == "unauthorized"


async def test_tokens_of_unknown_keys_do_not_become_a_flood_of_questions(issuer: Endpoint) -> None:
    for number in range(20):
        assert "does not have" in str((await issuer.refused(token(kid=f"k{number}"))).detail)
    assert issuer.asked == 1
    issuer.seconds += FETCH_PAUSE_SECONDS
    await issuer.refused(token(kid="k"))
    assert issuer.asked == 2


async def test_without_keys_nothing_can_be_checked_which_is_503(issuer: Endpoint) -> None:
    issuer.down = True
    problem = await issuer.refused(token())
    assert problem.kind == "unavailable"
    assert problem.headers["Retry-After"]
    await issuer.refused(token())
    assert issuer.asked == 1

    issuer.down = False
    issuer.seconds += FIRST_FETCH_PAUSE_SECONDS
    await issuer.tokens.identify(token())


@pytest.mark.parametrize("answer", [None, "", "<html>", "[]", '{"keys": 1}'])
async def test_keys_that_cannot_be_had_anew_go_on_being_used(
    issuer: Endpoint, answer: str | None
) -> None:
    await issuer.tokens.identify(token())
    issuer.down, issuer.document = answer is None, answer or ""
    issuer.seconds += 10 * KEYS_FRESH_SECONDS
    for _ in range(3):
        await issuer.tokens.identify(token())
    assert issuer.asked == 2


async def test_a_token_without_a_key_name_will_do_where_there_is_one_key() -> None:
    nameless = jwt.encode(claims(), private_key("RS256-1"), "RS256")
    await Endpoint(jwks("RS256-1")).tokens.identify(nameless)
    assert (await Endpoint().refused(nameless)).kind == "unauthorized"


@pytest.mark.parametrize(
    "unusable",
    [
        "key",
        {"kty": "oct", "k": "c2VjcmV0", "kid": "x"},
        {"kty": "RSA", "kid": "x"},
        {"kty": "EC", "crv": "P-521", "kid": "x"},
        {"kty": ["RSA"], "kid": "x"},
        public_jwk("RS256-1", use="enc"),
        public_jwk("RS256-1", alg="HS256"),
        public_jwk("RS256-1", alg="PS256"),
    ],
)
def test_keys_that_cannot_check_a_signature_are_left_out(unusable: Any) -> None:
    document = json.dumps({"keys": [unusable, public_jwk("ES256-1")]})
    assert set(parse_jwks(document)) == {"ES256-1"}


async def test_a_key_that_is_too_short_is_not_trusted() -> None:
    with pytest.warns(UserWarning, match="below the minimum"):
        short = token("RS256-short")
    assert (await Endpoint(jwks("RS256-short")).refused(short)).kind == "unauthorized"


async def test_keys_can_be_in_a_file(tmp_path: Any) -> None:
    path = tmp_path / "jwks.json"
    keys = IssuedTokens(ISSUER, Jwks(reader(str(path))))
    with pytest.raises(Problem, match="unavailable"):
        await keys.identify(token())
    path.write_text(jwks("RS256-1"))
    assert await IssuedTokens(ISSUER, Jwks(reader(str(path)))).identify(token())


# --- names


@pytest.mark.parametrize("subject", ["budi", "auth0_5f7c", "a" * 64, "64.02.06-1"])
def test_a_subject_that_can_be_an_actor_is_one(subject: str) -> None:
    assert subject_id("https://a", subject) == subject


@pytest.mark.parametrize("subject", ["", "budi@desa.example", "auth0|5f7c", "a" * 65, "Budi S."])
def test_any_other_subject_is_hashed_with_its_issuer(subject: str) -> None:
    hashed = subject_id("https://a", subject)
    assert hashed.startswith("oidc-")
    assert len(hashed) == len("oidc-") + 16
    assert hashed == subject_id("https://a", subject) != subject_id("https://b", subject)


@pytest.mark.parametrize(
    ("credential", "is_token"),
    [
        ("a.b.c", True),
        ("klik_admin_abc", False),
        ("klik_a.b.c", False),
        ("a.b", False),
        ("", False),
    ],
)
def test_tokens_and_keys_are_told_apart(credential: str, is_token: bool) -> None:
    assert looks_like_token(credential) is is_token
