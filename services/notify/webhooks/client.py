"""Posts one event to one endpoint, signed by Standard Webhooks; no URL and no secret in errors.

`Delivery` opens the subscription's secrets, `Client` signs with them and posts.

webhook-id         the event's id: the same at every attempt
webhook-timestamp  seconds since 1970
webhook-signature  v1,<base64>, one for each secret that signs, with spaces between
ce-id, ce-type …   CloudEvents 1.0 in binary mode, as on RabbitMQ; the body is the event's JSON
"""

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import httpx
from standardwebhooks import Webhook

from services.notify.domain.alert import code_of
from services.notify.ports import Sealer, UrlGuard
from services.notify.webhooks.domain.segment import Entry
from services.notify.webhooks.domain.ssrf_guard import UNRESOLVED, Endpoint, Refused, Unresolved
from services.notify.webhooks.domain.subscription import Outcome, Subscription
from shared.errors import describe
from shared.messaging.topology import PUBLISHES
from shared.times import local, new_id
from shared.web.responses import NO_ANSWER, NoCookies, retry_after

log = logging.getLogger(__name__)

TEST_TYPE = "klikdesa.webhook.test.v1"
#: Seconds to connect to one address, and for the whole attempt.
CONNECT_TIMEOUT_SECONDS = 5.0
REQUEST_TIMEOUT_SECONDS = 15.0
#: Addresses of one host that are tried in one attempt.
MOST_ADDRESSES_TRIED = 3

GONE = "gone"
_GONE = 410


class Client:
    def __init__(
        self,
        guard: UrlGuard,
        tls: ssl.SSLContext | None = None,
        timeout: float = REQUEST_TIMEOUT_SECONDS,
    ) -> None:
        """`tls`: whose certificates are taken; the system's authorities where it is None."""
        self._timeout = timeout
        self._guard = guard
        self._client = httpx.AsyncClient(
            verify=tls or ssl.create_default_context(),
            timeout=httpx.Timeout(timeout, connect=CONNECT_TIMEOUT_SECONDS),
            # connections are pooled by address: another host behind it must not get this one's
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=0),
            follow_redirects=False,
            cookies=NoCookies(),
            # a proxy would look the name up itself, and anything could be behind it
            trust_env=False,
            headers={"User-Agent": "klikdesa-webhook", "Accept-Encoding": "identity"},
        )

    async def send(self, url: str, secrets: Sequence[str], entry: Entry, now: datetime) -> Outcome:
        """One attempt. Never raises for what the endpoint does."""
        started = time.monotonic()
        headers = _headers(secrets, entry, now)
        try:
            async with asyncio.timeout(self._timeout):
                endpoint = await self._guard.endpoint(url)
                response = await self._post(endpoint, headers, entry.body.encode())
            outcome = _outcome(response, now)
        except Refused as refusal:
            outcome = Outcome(refusal.reason, lasting=True)
        except Unresolved:
            outcome = Outcome(UNRESOLVED)
        except (TimeoutError, httpx.TimeoutException):
            outcome = Outcome("timeout")
        except httpx.ConnectError as error:
            outcome = Outcome("tls" if _is_tls(error) else "unreachable")
        except ssl.SSLError:
            outcome = Outcome("tls")
        except NO_ANSWER:
            outcome = Outcome("connection_lost")
        took = round((time.monotonic() - started) * 1000)
        return Outcome(outcome.reason, outcome.status, outcome.lasting, outcome.retry_after, took)

    async def _post(
        self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes
    ) -> httpx.Response:
        """At the first of its addresses that can be connected to."""
        *others, last = endpoint.addresses[:MOST_ADDRESSES_TRIED]
        for address in others:
            try:
                return await self._post_to(address, endpoint, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._post_to(last, endpoint, headers, body)

    async def _post_to(
        self, address: str, endpoint: Endpoint, headers: Mapping[str, str], body: bytes
    ) -> httpx.Response:
        host = f"[{address}]" if ":" in address else address
        request = self._client.build_request(
            "POST",
            f"{endpoint.scheme}://{host}:{endpoint.port}/",
            content=body,
            headers={**headers, "Host": endpoint.authority},
            # the path may hold a token, and URLs end in httpx's log lines and exceptions
            extensions={"target": endpoint.target.encode(), "sni_hostname": endpoint.host},
        )
        response = await self._client.send(request, stream=True)
        # what it says besides its status is of no use to us, however long it is or ends
        with contextlib.suppress(*NO_ANSWER):
            await response.aclose()
        return response

    async def close(self) -> None:
        await self._client.aclose()


class Delivery:
    def __init__(self, client: Client, sealer: Sealer, clock: Callable[[], datetime]) -> None:
        """`clock`: the wall's, since receivers compare the time in the signature with theirs."""
        self._client = client
        self._sealer = sealer
        self._clock = clock

    async def deliver(self, subscription: Subscription, entry: Entry) -> Outcome:
        """Raises `secrets.Unreadable`; whatever the endpoint does is in the outcome."""
        now = self._clock()
        secrets = [
            self._sealer.open(str(subscription.id), one.sealed) for one in subscription.signing(now)
        ]
        try:
            return await self._client.send(subscription.url, secrets, entry, now)
        except Exception as error:
            # a fault of ours, which this endpoint or event brings out: it holds up nobody else
            log.exception(
                "webhook attempt failed",
                extra={"webhook": str(subscription.id), "error": describe(error)},
            )
            return Outcome(code_of(f"error_{type(error).__name__}"))

    async def test(self, subscription: Subscription) -> Outcome:
        """Send something that tells of nothing, in the form of an event."""
        return await self.deliver(subscription, a_test(subscription.id, new_id(), self._clock()))


def a_test(subscription: UUID, id_: UUID, now: datetime) -> Entry:
    body = f'{{"id":"{id_}","webhook":"{subscription}","time":"{local(now).isoformat()}"}}'
    return Entry(id_, TEST_TYPE, "", body)


def _headers(secrets: Sequence[str], entry: Entry, now: datetime) -> dict[str, str]:
    id_, sent = str(entry.id), now.astimezone(UTC)
    signatures = [Webhook(one).sign(id_, sent, entry.body) for one in secrets]
    event = entry.document()
    optional = {"ce-subject": event.get("consultation"), "ce-time": event.get("time")}
    return {
        "Content-Type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": " ".join(signatures),
        "ce-specversion": "1.0",
        "ce-id": id_,
        "ce-source": f"klikdesa/{publisher(entry.name)}",
        "ce-type": entry.type,
        **{name: value for name, value in optional.items() if value},
    }


def publisher(event: str) -> str:
    """The service that publishes it; a test is ours."""
    return next((name for name, events in PUBLISHES.items() if event in events), "notify")


def _outcome(response: httpx.Response, now: datetime) -> Outcome:
    status = response.status_code
    if 200 <= status < 300:
        return Outcome(status=status)
    if status == _GONE:
        return Outcome(GONE, status, lasting=True)
    wait = retry_after(response.headers.get("Retry-After"), now)
    return Outcome(f"http_{status}", status, retry_after=wait)


def _is_tls(error: BaseException | None) -> bool:
    """Whether a certificate or a handshake was the matter; httpx has one class for all."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
