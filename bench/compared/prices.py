"""What the sketch leaves out: the price of each promise that is plain Python.

Each is called alone, with what it gets in the system, and its processor time multiplied by how
often one consultation needs it. What waits for the store or RabbitMQ is in the pipeline's figures.
"""

import logging
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console

from bench.compared import record
from bench.compared.contenders import body
from bench.peers.post import Post
from klik.preview import made_up
from services.intake.acceptance import idempotency_key
from services.intake.domain.consultation import Private, submit
from services.intake.domain.submission import Submission
from services.intake.domain.tickets import new_pin, new_ticket
from services.intake.link_tokens import LinkTokens
from services.intake.requester_tokens import RequesterTokens
from services.intake.store.documents import requester_of, state_of
from services.intake.store.encryption import EnvelopeEncryption
from services.notify.channels.base import Order
from services.notify.channels.smtp import compose
from services.notify.messages.renderer import Renderer
from services.routing.domain.assignment import Wanted, assign
from services.routing.domain.clocks import clocks, progress
from services.routing.domain.roster import Officer, Satgas
from shared import metrics
from shared.audit.chain import Entry, Segment, genesis
from shared.events import ConsultationSubmitted
from shared.keys.named import KEY_BYTES
from shared.limits.buckets import Buckets, Rate
from shared.logs import JsonFormatter, trace, traceparent
from shared.messaging import topology
from shared.messaging.envelope import Envelope
from shared.messaging.signing import EventKeys, Signing
from shared.text.contacts import canonical
from shared.text.masking import masked
from shared.times import new_id
from shared.web.api_keys import Keyring, KeyRow, digest
from tests.support.builders import CALENDAR, NOON, POLICY, submitted

#: Events that one consultation is told by here: submitted, assigned, and two alerts sent.
EVENTS = 4
#: Their deliveries: submitted and assigned to three services each, the alerts to reporting.
DELIVERIES = 8
ALERTS = 2
#: Keys that a deployment of twenty kecamatan has, officers' among them.
KEYS = 60
#: Seconds for which each is called, in one round.
SECONDS = 0.1

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Promise:
    """`times`: how often one consultation needs it."""

    what: str
    times: int
    call: Call


class Guard(Promise):
    """One that is there for privacy, or against abuse."""


def prices(rounds: int, out: Path | None, console: Console, *, keep: bool) -> None:
    """`keep`: write the figures down."""
    promises = _promises()
    found: dict[str, list[dict[str, float]]] = {one.what: [] for one in promises}
    guards = [one.what for one in promises if isinstance(one, Guard)]
    for _ in range(rounds):
        for one in promises:
            micros = _micros(one.call)
            whole = {"times": one.times, "one us": micros, "ms": micros * one.times / 1000}
            found[one.what].append(whole)
    rows = _rows(found, guards)
    said = f"{rounds} rounds, {SECONDS} s of each"
    console.print(record.table(rows, said))
    if keep:
        around = record.surroundings("none", "none")
        lines = [f"{said}, medians, on {platform.python_implementation()}.", ""]
        record.write("prices", [*lines, *record.markdown(rows), ""], found, around, out, console)


def _micros(call: Call) -> float:
    """Microseconds of processor time for one call."""
    calls, began = 0, time.process_time()
    while (spent := time.process_time() - began) < SECONDS:
        for _ in range(20):
            call()
        calls += 20
    return spent / calls * 1e6


def _promises() -> list[Promise]:
    post = body(1)
    event = submitted()
    waiting = Envelope.of(event, traceparent())
    plain = waiting.body.encode()
    message = waiting.message("bench")
    signing = Signing.fixed(EventKeys({pair: {"b": bytes(KEY_BYTES)} for pair in topology.PAIRS}))
    signing.sign(message)
    return [
        Promise("the post as the sketch checks it", 1, lambda: Post.model_validate_json(post)),
        Promise("a post of ours checked", 1, lambda: Submission.model_validate_json(post)),
        *_at_acceptance(post),
        *_for_privacy(),
        Promise("an event made, for its outbox", EVENTS, lambda: Envelope.of(event, traceparent())),
        Promise("an event made a message", EVENTS, lambda: waiting.message("bench")),
        Guard("a message signed, for three", EVENTS, lambda: signing.sign(message)),
        Guard("its signature checked", DELIVERIES, lambda: signing.check(message, "routing")),
        Promise("an event read and checked", DELIVERIES, lambda: _read(plain)),
        *_at_each_delivery(),
        *_at_assignment(),
        *_at_alerts(),
    ]


def _at_acceptance(post: bytes) -> list[Promise]:
    rows = [
        KeyRow(id=f"key-{number}", role="frontend", sha256=digest(f"secret {number}"))
        for number in range(KEYS)
    ]
    keyring, whose = Keyring(rows), f"secret {KEYS // 2}"
    read = Submission.model_validate_json(post)
    private = Private(
        pin="123456", name="Nama Uji", contact={"channel": "email", "address": "a@example.org"}
    )
    encryption, id_ = EnvelopeEncryption({"1": AESGCM.generate_key(256)}), new_id()
    consultation, _ = submit(read, id_=id_, event_id=id_, ticket=new_ticket(), now=NOON, by="key-1")
    key, wrapped = encryption.new_key(str(id_))
    kept = {"_id": str(id_), **state_of(consultation, private, key)}

    def sealed() -> None:
        state_of(consultation, private, encryption.new_key(str(id_))[0])

    def opened() -> None:
        requester_of(kept, encryption.unwrap(str(id_), wrapped))

    return [
        Promise("an API key found, by the hash", 1, lambda: keyring.identify(whose)),
        Promise("the post's fingerprint", 1, read.fingerprint),
        Promise("its idempotency key", 1, lambda: idempotency_key("front", "key", id_)),
        Promise("ticket and PIN", 1, lambda: (new_ticket(), new_pin())),
        Guard("its words, name and contact sealed", 1, sealed),
        Guard("the contact opened, to tell", 1, opened),
    ]


def _for_privacy() -> list[Promise]:
    """Besides what is sealed, opened and signed."""
    secrets = {"1": AESGCM.generate_key(256)}
    lifetime, id_ = timedelta(days=30), uuid4()
    tokens = RequesterTokens(secrets, lifetime, lambda: NOON)
    links = LinkTokens(secrets, lifetime, lambda: NOON)
    buckets = Buckets("bench", Rate(10**9, 10**9))
    entry = Entry(NOON, "local-notify", "notify", "contacts", "200", (str(id_),))
    title = "Pencairan Dana Desa tahap II tahun 2026, Perdes 4/2026"
    return [
        Guard("an e-mail address checked", 1, lambda: canonical("email", "petugas@example.org")),
        Guard("a requester's token signed", 1, lambda: tokens.issue(id_)),
        Guard("a link's token signed", 1, lambda: links.issue(id_)),
        Guard("a token taken from a bucket", 2, lambda: buckets.take("key")),
        Guard("a title masked", 1, lambda: masked(title)),
        Guard("an audit's entry chained", 1, lambda: Segment.of(1, genesis("bench"), [entry])),
    ]


def _at_each_delivery() -> list[Promise]:
    formatter, parent = JsonFormatter("bench"), traceparent()
    fields = {"event": "case.assigned", "event_id": str(new_id()), "outcome": "done", "ms": 12}
    logger = logging.getLogger("shared.messaging.reliability")

    def line() -> str:
        extra = {**fields, "attempt": 1}
        record_ = logger.makeRecord(
            "bench", logging.INFO, "", 0, "message handled", (), None, extra=extra
        )
        return formatter.format(record_)

    def count() -> None:
        metrics.MESSAGES.labels("bench", "done").inc()
        metrics.MESSAGE_SECONDS.labels("bench").observe(0.012)

    def traced() -> None:
        with trace(parent):
            pass

    return [
        Promise("a log line, as JSON", DELIVERIES, line),
        Promise("a count and a duration, for metrics", DELIVERIES, count),
        Promise("the trace carried on", DELIVERIES, traced),
    ]


def _at_assignment() -> list[Promise]:
    officers = tuple(Officer(f"officer-{number}") for number in range(5))
    satgas = Satgas("64.02.06", "Tenggarong", officers)
    wanted = Wanted("key", "KEU-APBDES", "round_robin")
    day, begun = NOON.date(), progress(NOON, ())
    return [
        Promise("whose turn it is", 1, lambda: assign(satgas, wanted, day)),
        Promise(
            "three clocks, in office time", 1, lambda: clocks(begun, POLICY, CALENDAR, "konsultasi")
        ),
    ]


def _at_alerts() -> list[Promise]:
    texts = Renderer("https://klik.example")
    facts = made_up("case.assigned", "officer")
    order = Order("an-alert", "petugas@example.org", texts.render(facts, "id"), "a-thread")
    return [
        Promise("a message put into words", ALERTS, lambda: texts.render(facts, "id")),
        Promise("an e-mail made of it", ALERTS, lambda: compose(order, "K <k@x.org>")),
    ]


def _read(plain: bytes) -> ConsultationSubmitted:
    return ConsultationSubmitted.model_validate_json(plain)


def _rows(
    found: Mapping[str, list[dict[str, float]]], guards: Sequence[str]
) -> list[dict[str, str]]:
    rows = [
        {
            "promise": what,
            "microseconds": record.spread(its, "one us", 1),
            "times": f"{its[0]['times']:.0f}",
            "processor ms": f"{record.medians(its)['ms']:.3f}",
        }
        for what, its in found.items()
    ]
    took = {what: record.medians(its)["ms"] for what, its in found.items()}
    first, *others = took.values()
    whole = f"{sum(others):.3f} (the first: {first:.3f})"
    of_these = f"{sum(took[what] for what in guards):.3f}"
    blank = {"microseconds": "", "times": ""}
    return [
        *rows,
        {"promise": "all but the first", **blank, "processor ms": whole},
        {"promise": "of these for privacy and limits", **blank, "processor ms": of_these},
    ]
