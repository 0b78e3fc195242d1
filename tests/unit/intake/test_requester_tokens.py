"""Requesters' tokens: whose they are, how long, and what is not one of them."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from services.intake.requester_tokens import (
    AUDIENCE,
    LONGEST_CHARACTERS,
    PURPOSE,
    TYPE,
    RequesterTokens,
)
from services.intake.store.encryption import EnvelopeEncryption
from shared.web.permissions import Caller, Role
from shared.web.problems import Problem
from tests.support.builders import NOON
from tests.support.fakes import Clock
from tests.support.services.intake import LIFETIME, SECRETS, requester_tokens

ID = UUID("01a222d1-d52e-7615-af13-f6598b9e2454")
SECRET = SECRETS["m2"]
HEADER = {"alg": "HS256", "typ": TYPE, "kid": "m2"}
REQUESTER = Caller(f"requester:{ID}", Role.REQUESTER, consultation=ID)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def tokens(clock: Clock) -> RequesterTokens:
    return requester_tokens(clock)


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    now = int(NOON.timestamp())
    mine = {"aud": AUDIENCE, "sub": str(ID), "iat": now, "exp": now + 60}
    return {name: value for name, value in {**mine, **changes}.items() if value is not None}


def forged(payload: Any = None, secret: bytes = SECRET, **header: Any) -> str:
    """Signed as we do, whatever its parts say."""
    head = {name: value for name, value in {**HEADER, **header}.items() if value is not None}
    signed = f"{encoded(head)}.{encoded(claims() if payload is None else payload)}"
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def refused(tokens: RequesterTokens, token: str) -> bool:
    """As one of ours that does not hold, or as none of ours, which intake answers alike."""
    try:
        return tokens.identify(token) is None
    except Problem as problem:
        return problem.status == 401


def test_token_is_for_one_consultation_until_it_expires(
    tokens: RequesterTokens, clock: Clock
) -> None:
    token = tokens.issue(ID)
    assert len(token.text) < LONGEST_CHARACTERS
    assert token.expires_at == NOON + LIFETIME
    clock.now = NOON + LIFETIME - timedelta(seconds=1)
    assert tokens.identify(token.text) == REQUESTER
    clock.now = NOON + LIFETIME
    with pytest.raises(Problem) as problem:
        tokens.identify(token.text)
    assert problem.value.detail is not None
    assert "expired" in problem.value.detail.en


def test_token_is_the_same_when_the_receipt_is_repeated(
    tokens: RequesterTokens, clock: Clock
) -> None:
    first = tokens.issue(ID, NOON)
    clock.now += timedelta(days=3)
    assert tokens.issue(ID, NOON) == first
    assert tokens.issue(ID) != first


def test_forger_who_has_the_secret_is_let_in_so_that_the_tricks_below_fail_for_their_reason(
    tokens: RequesterTokens,
) -> None:
    assert tokens.identify(forged()) == REQUESTER


def test_token_holds_while_its_master_key_is_kept_and_no_longer(clock: Clock) -> None:
    """After a change of the master key, and after a file whose order was turned round."""
    old, new = (f"{name}:{base64.b64encode(name.encode() * 32).decode()}" for name in "ab")

    def of(*keys: str) -> RequesterTokens:
        encryption = EnvelopeEncryption.parse(",".join(keys))
        return RequesterTokens(encryption.secrets(PURPOSE), LIFETIME, clock)

    before = of(old).issue(ID).text
    assert of(new, old).identify(before) == of(old, new).identify(before) == REQUESTER
    assert jwt.get_unverified_header(of(new, old).issue(ID).text)["kid"] == "b"
    assert refused(of(new), before)
    same_name = "a:" + new.partition(":")[2]
    assert refused(of(same_name), before)


def test_secrets_of_other_purposes_sign_no_token(tokens: RequesterTokens) -> None:
    key = "a:" + base64.b64encode(bytes(32)).decode()
    encryption = EnvelopeEncryption.parse(key)
    mine = RequesterTokens(encryption.secrets(PURPOSE), LIFETIME, Clock(NOON))
    for secret in (bytes(32), encryption.secret("pin tries"), encryption.secret("")):
        assert refused(mine, forged(secret=secret, kid="a"))
    assert mine.identify(forged(secret=encryption.secret(PURPOSE), kid="a")) == REQUESTER


@pytest.mark.parametrize("place", range(0, 270, 3))
def test_token_is_refused_when_one_character_is_another(
    tokens: RequesterTokens, place: int
) -> None:
    whole = tokens.issue(ID).text
    place = min(place, len(whole) - 1)
    other = "A" if whole[place] != "A" else "B"
    assert refused(tokens, whole[:place] + other + whole[place + 1 :])


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS384"},
        {"alg": "RS256"},
        {"alg": None},
        {"alg": ["HS256"]},
        {"kid": "m3"},
        {"kid": ""},
        {"kid": None},
        {"kid": ["m2"]},
        {"kid": {"m2": 1}},
        {"kid": "../../dev/null"},
        {"typ": "JWT"},
        {"typ": None},
        {"typ": [TYPE]},
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"b64": True},
        {"jku": "https://evil.example/keys"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"x5u": "https://evil.example/"},
        {"zip": "DEF"},
    ],
    ids=str,
)
def test_token_is_refused_when_its_header_says_anything_else(
    tokens: RequesterTokens, header: dict[str, Any]
) -> None:
    assert refused(tokens, forged(**header))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": None},
        {"aud": "klikdesa"},
        {"aud": ["klikdesa"]},
        {"aud": {}},
        {"sub": None},
        {"sub": ""},
        {"sub": "x"},
        {"sub": 7},
        {"sub": [str(ID)]},
        {"exp": None},
        {"exp": int(NOON.timestamp()) - 1},
        {"exp": int(NOON.timestamp())},
        {"exp": "tomorrow"},
        {"exp": 1e999},
        {"exp": -1e999},
        {"exp": 10**30},
        {"exp": float("nan")},
        {"exp": [1]},
        {"iat": None},
        {"nbf": 4102444800},
    ],
    ids=str,
)
def test_token_is_refused_when_a_claim_is_missing_or_wrong(
    tokens: RequesterTokens, changes: dict[str, Any]
) -> None:
    """None of them signed by intake, which no one but intake can; it holds all the same."""
    assert refused(tokens, forged(claims(**changes)))


@pytest.mark.parametrize(
    "payload", [b"", b"\xff\xfe", b"[]", b"null", b"{", b"[" * 300, b'{"a":1}']
)
def test_token_is_refused_when_its_payload_is_no_claims(
    tokens: RequesterTokens, payload: bytes
) -> None:
    assert refused(tokens, forged(payload))


def test_token_is_refused_when_a_public_key_is_taken_for_a_secret(clock: Clock) -> None:
    """RS/HS confusion: whatever is public signs nothing here."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    tokens = requester_tokens(clock)
    assert refused(tokens, forged(secret=public))
    assert refused(tokens, jwt.encode(claims(), key, "RS256", {"typ": TYPE, "kid": "m2"}))


@pytest.mark.parametrize("more", ["=", "==", "!", " ", "\n", "A", "%20", "\0"])
def test_token_is_refused_when_its_signature_is_written_in_another_way(
    tokens: RequesterTokens, more: str
) -> None:
    """base64 has several spellings of the same bytes; a token has one."""
    whole = tokens.issue(ID).text
    assert refused(tokens, whole + more)
    assert refused(tokens, whole[:-5] + more + whole[-5:])


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b.c",
        "é.é.é",
        "\udcff.\udcff.\udcff",
        f"{encoded(HEADER)}..",
        f"{encoded(HEADER)}.{encoded(claims())}.",
        f"{encoded(HEADER)}.{encoded(claims())}.é",
        f"{encoded(b'[' * 100)}.{encoded(claims())}.AAAA",
        f"{encoded(b'[1]')}.{encoded(claims())}.AAAA",
        f"{encoded(chr(0).encode())}.{encoded(claims())}.AAAA",
        forged(claims(more="x" * 2000)),
        "." * 100_000,
    ],
    ids=lambda one: one[:20],
)
def test_token_is_refused_when_it_is_none(tokens: RequesterTokens, token: str) -> None:
    assert refused(tokens, token)


def test_token_of_another_kind_is_left_to_others(tokens: RequesterTokens) -> None:
    """So that an issuer's token is judged by the issuer's keys alone, however it is signed."""
    assert tokens.identify(forged(typ="JWT")) is None
    assert tokens.identify(forged(typ="at+jwt", alg="none")) is None


def test_tokens_of_two_consultations_differ_in_all_that_matters(tokens: RequesterTokens) -> None:
    mine, other = tokens.issue(ID).text, tokens.issue(uuid4()).text
    head, _, signature = mine.split(".")
    assert refused(tokens, ".".join((head, other.split(".")[1], signature)))
    assert tokens.identify(other) != tokens.identify(mine)


def test_token_carries_no_more_than_it_needs(tokens: RequesterTokens) -> None:
    token = tokens.issue(ID).text
    said = jwt.decode(token, options={"verify_signature": False})
    assert said.keys() == {"aud", "sub", "iat", "exp"}
    assert datetime.fromtimestamp(said["exp"], UTC) == NOON + LIFETIME
    assert hashlib.sha256(SECRET).hexdigest() not in token
