"""E-mail over SMTP: a few connections for the process, used again while they are fresh."""

import asyncio
import contextlib
import re
import ssl
from binascii import b2a_qp
from collections.abc import Iterator
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import aiosmtplib
from pydantic import SecretStr

from services.notify.channels.base import NotSent, Order, bad_address
from shared.times import utc_now

#: Seconds for one e-mail: waiting for the connection, making it, and all the server's replies. Who
#: gives up on a server that is only slow tells people twice, so this is long.
SEND_TIMEOUT_SECONDS = 40.0
#: Seconds after which an unused connection is closed; servers close theirs after minutes.
IDLE_CLOSE_SECONDS = 20.0
#: Connections to the server, each for one e-mail at a time: Postfix allows a client fifty.
CONNECTIONS = 8
#: E-mails over one connection; many servers allow a hundred.
MAILS_PER_CONNECTION = 50

_TAKEN = (aiosmtplib.SMTPStatus.completed, aiosmtplib.SMTPStatus.will_forward)
_YES = re.compile(rb"250[ -]")
#: One mailbox in ASCII without quotes or comments: nothing that a header or a command could split.
ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-]{1,64}@(?=[^@]{1,253}$)[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*"
)

#: Characters in a line of a header, its name included.
_LINE_CHARACTERS = 76
#: Subjects that were folded: what is told to officers of one topic and desa has the same.
SUBJECTS_CACHED = 1_000
#: In no text: `=` and what is no number stand together nowhere in quoted-printable.
_BOUNDARY = "=_klik"

Stage = Literal["session", "sender", "recipient", "content"]

_ENHANCED = re.compile(r"\s*([245])\.([0-9]{1,3})\.([0-9]{1,3})\b")
#: Our login is missing, wrong or too weak: the operator can mend it while we try again.
_OUR_LOGIN = frozenset({530, 534, 535, 538})
#: Without an enhanced code, these about a recipient mean that there is no such mailbox.
_NO_MAILBOX = frozenset({550, 551, 553})
#: The enhanced ones of that kind: subject 1 but for the sender's own address, and a closed mailbox.
_OF_THE_SENDER = frozenset({7, 8})


class _Client(aiosmtplib.SMTP):
    """One that spares looking at addresses, which `compose` did, and timing each reply, since the
    sender times the whole. It believes a yes which broke off: the first line's code is that of all
    (RFC 5321)."""

    async def begin(self, sender: str, size: int) -> None:
        """As `mail`."""
        await self._ehlo_or_helo_if_needed()
        options = [b"SIZE=%d" % size] if self.supports_extension("size") else []
        reply = await self.execute_command(
            b"MAIL", f"FROM:<{sender}>".encode(), *options, timeout=None
        )
        if reply.code != aiosmtplib.SMTPStatus.completed:
            raise aiosmtplib.SMTPSenderRefused(*reply, sender)

    async def address(self, recipient: str) -> None:
        """As `rcpt`."""
        reply = await self.execute_command(b"RCPT", f"TO:<{recipient}>".encode(), timeout=None)
        if reply.code not in _TAKEN:
            raise aiosmtplib.SMTPRecipientRefused(*reply, recipient)

    async def data(self, message: str | bytes, /, **options: Any) -> aiosmtplib.SMTPResponse:
        protocol = self.protocol
        try:
            return await super().data(message, **options)
        except aiosmtplib.SMTPServerDisconnected:
            # the reply before is 354, so a 250 is about the e-mail
            if protocol is None or not _YES.match(protocol._buffer):
                raise
            return aiosmtplib.SMTPResponse(250, "")


class _Connection:
    """One connection, made when it is needed, and used again while it is fresh."""

    def __init__(self, client: _Client, idle: float) -> None:
        self._client = client
        self._idle = idle
        self._used = 0
        self._busy = False
        self._closing: asyncio.TimerHandle | None = None

    async def deliver(self, mail: bytes, sender: str, recipient: str) -> None:
        self._stop_timer()
        self._busy = True
        try:
            await self._transact(mail, sender, recipient)
        except aiosmtplib.SMTPResponseException:
            raise  # the server is in order, and so is the connection
        except BaseException:
            self._client.close()  # nobody knows what its next reply would be about
            raise
        finally:
            self._busy = False
            self._used += 1
            self._closing = asyncio.get_running_loop().call_later(self._idle, self._client.close)

    async def close(self) -> None:
        """Under a send too: a stop does not wait for a slow server."""
        self._stop_timer()
        if self._client.is_connected and not self._busy:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=2)
        self._client.close()

    async def _transact(self, mail: bytes, sender: str, recipient: str) -> None:
        try:
            await self._begin(sender, len(mail))
            await self._client.address(recipient)
            await self._client.data(mail, timeout=None)
        except aiosmtplib.SMTPResponseException:
            with contextlib.suppress(aiosmtplib.SMTPException):
                await self._client.rset()
            raise

    async def _begin(self, sender: str, size: int) -> None:
        """A server closes connections as it likes: where an old one is gone, over a new one."""
        if self._client.is_connected and self._used < MAILS_PER_CONNECTION:
            try:
                return await self._client.begin(sender, size)
            except aiosmtplib.SMTPServerDisconnected:
                pass
            except aiosmtplib.SMTPSenderRefused as refused:
                if refused.code != aiosmtplib.SMTPStatus.domain_unavailable:
                    raise
        self._client.close()
        self._used = 0
        await self._client.connect()
        await self._client.begin(sender, size)

    def _stop_timer(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None


class SmtpSender:
    """As many e-mails at a time as there are connections; who finds none waits in the timeout."""

    channel = "smtp"
    timeout: float
    at_once = CONNECTIONS

    def __init__(
        self,
        *,
        host: str,
        port: int,
        security: Literal["none", "starttls", "tls"],
        sender: str,
        user: str | None = None,
        password: SecretStr | None = None,
        ca_file: Path | None = None,
        idle: float = IDLE_CLOSE_SECONDS,
        timeout: float = SEND_TIMEOUT_SECONDS,
    ) -> None:
        """`sender`: the From line. `ca_file`: who signs its certificate, if unknown (PEM)."""
        self._sender = sender
        self._mailbox = parseaddr(sender)[1]
        self._timeout = timeout
        # before Python 3.12 `asyncio.wait_for`, which aiosmtplib uses, may swallow a cancellation:
        # then the caller's timeout is the second one, a moment later
        self.timeout = timeout + 1
        tls = ssl.create_default_context(cafile=ca_file) if security != "none" else None
        self._connections = [
            _Connection(
                _Client(
                    hostname=host,
                    port=port,
                    username=user or None,
                    password=password.get_secret_value() if user and password else None,
                    use_tls=security == "tls",
                    start_tls=security == "starttls",
                    tls_context=tls,
                    timeout=timeout,
                ),
                idle,
            )
            for _ in range(self.at_once)
        ]
        # the last that was used first: where there is little to do, one connection does it
        self._free: asyncio.LifoQueue[_Connection] = asyncio.LifoQueue()
        for connection in self._connections:
            self._free.put_nowait(connection)

    async def send(self, order: Order) -> str | None:
        mail, id_ = compose(order, self._sender)
        with _as_not_sent():
            async with asyncio.timeout(self._timeout):
                connection = await self._free.get()
                try:
                    await connection.deliver(mail, self._mailbox, order.address)
                finally:
                    self._free.put_nowait(connection)
        return id_

    async def close(self) -> None:
        """Close the connections, under a send too: a stop does not wait for a slow server."""
        await asyncio.gather(*(connection.close() for connection in self._connections))


def compose(order: Order, sender: str) -> tuple[bytes, str]:
    """The e-mail, and its Message-ID, which is the alert's: a repeated one is recognised, and
    folded.

    E-mails of one thread refer to one that was never sent: so they hang together in any order, in
    Thunderbird by that, in Gmail by that and their subject.

    No header can be injected: the address is one plain mailbox, the subject is one line, and the
    head is read again as a server reads it. Raises `NotSent` for any other address, and for a head
    with a line that was not meant.
    """
    if not ADDRESS.fullmatch(order.address):
        raise bad_address()
    from_, host = _from(sender)
    id_ = f"<{order.id}@{host}>"
    headers = {
        "From": from_,
        "To": order.address,
        "Subject": _folded(" ".join(order.message.subject.split())),
        "Date": format_datetime(utc_now()),
        "Message-ID": id_,
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }
    if order.thread is not None:
        headers["In-Reply-To"] = headers["References"] = f"<{order.thread}@{host}>"
    if order.message.unsubscribe is not None:
        # a mail program's own button, RFC 2369; by one click where it can be trusted, RFC 8058
        headers["List-Unsubscribe"] = f"<{order.message.unsubscribe}>"
        if order.message.unsubscribe.startswith("https://"):
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # written by hand: `email` makes objects of it, and parses them, for ten times the price
    lines = "".join(f"{header}: {value}\r\n" for header, value in headers.items()).encode("ascii")
    check_head(lines, [*headers])
    text = _part(order.message.text, "plain")
    if order.message.html is None:
        return lines + text, id_
    html = _part(order.message.html, "html")
    return b"".join((lines, _ALTERNATIVE, text, _NEXT, html, _END)), id_


def check_head(head: bytes, meant: list[str]) -> None:
    """Raises `NotSent`, for good, where these lines are other headers than the `meant` ones: what
    `email` folds was broken before (CVE-2024-6923), and a server may end a line at a lone LF."""
    *lines, _ = head.split(b"\r\n")
    found = [one.partition(b":")[0].decode() for one in lines if not one.startswith((b" ", b"\t"))]
    alone = b"".join(lines)
    if found != meant or b"\n" in alone or b"\r" in alone:
        raise NotSent("mail_header", permanent=True)


_ALTERNATIVE = (
    f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n\r\n--{_BOUNDARY}\r\n'
).encode()
_NEXT = f"\r\n--{_BOUNDARY}\r\n".encode()
_END = f"\r\n--{_BOUNDARY}--\r\n".encode()


@cache
def _from(sender: str) -> tuple[str, str]:
    """The header, and the host that ids are of."""
    name, address = parseaddr(sender)
    return formataddr((name, address)), address.rpartition("@")[2]


def _part(text: str, kind: str) -> bytes:
    return (
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + b2a_qp("\r\n".join(text.splitlines()).encode() + b"\r\n")


@lru_cache(SUBJECTS_CACHED)
def _folded(subject: str) -> str:
    if subject.isascii() and len("Subject: ") + len(subject) <= _LINE_CHARACTERS:
        return subject
    charset = "us-ascii" if subject.isascii() else "utf-8"
    return Header(subject, charset, _LINE_CHARACTERS, "Subject").encode(linesep="\r\n")


@contextlib.contextmanager
def _as_not_sent() -> Iterator[None]:
    """Tell aiosmtplib's errors apart. Their texts hold addresses, so none of them gets out."""
    try:
        yield
    except aiosmtplib.SMTPRecipientRefused as error:
        raise refusal("recipient", error.code, error.message) from None
    except aiosmtplib.SMTPSenderRefused as error:
        raise refusal("sender", error.code, error.message) from None
    except aiosmtplib.SMTPDataError as error:
        raise refusal("content", error.code, error.message) from None
    except aiosmtplib.SMTPResponseException as error:
        raise refusal("session", error.code, error.message) from None
    except TimeoutError:
        raise NotSent("timeout", permanent=False) from None
    except ssl.SSLError:
        raise NotSent("smtp_tls", permanent=False) from None
    except aiosmtplib.SMTPConnectError as error:
        tls = isinstance(error.__cause__, ssl.SSLError)
        raise NotSent("smtp_tls" if tls else "unreachable", permanent=False) from None
    except (aiosmtplib.SMTPServerDisconnected, OSError):
        raise NotSent("connection_lost", permanent=False) from None
    except aiosmtplib.SMTPException:
        # what it does not offer, STARTTLS or a login: our settings or its
        raise NotSent("smtp_unsupported", permanent=False) from None
    except ValueError:
        # a reply that is none, such as a challenge that is no base64
        raise NotSent("smtp_reply", permanent=False) from None


def refusal(stage: Stage, code: int, text: str) -> NotSent:
    """By RFC 5321 for the code, RFC 3463 for the enhanced one.

    `stage`: what was refused. `text`: its words; only an enhanced code in them counts.
    """
    reason = f"smtp_{code}" if 200 <= code <= 599 else "smtp_reply"
    enhanced = _ENHANCED.match(text)
    kind, subject, detail = map(int, enhanced.groups()) if enhanced else (code // 100, None, None)
    if code in _OUR_LOGIN or stage == "session" or code // 100 != 5 or kind == 4:
        return NotSent(reason, permanent=False)
    if stage != "recipient":
        return NotSent(reason, permanent=True)
    if subject is None:
        return NotSent(reason, permanent=True, address_is_bad=code in _NO_MAILBOX)
    no_mailbox = (subject == 1 and detail not in _OF_THE_SENDER) or (subject, detail) == (2, 1)
    return NotSent(reason, permanent=True, address_is_bad=no_mailbox)
