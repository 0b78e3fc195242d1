"""A mail server: aiosmtpd, with TLS, a login, and answers as the test wants them."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.times import utc_now
from tests.peers.faults import Faulty

Fault = Literal["error", "busy", "close", "cut", "lost", "slow"]
"""error: a 451 to the e-mail. busy: a 450 to its sender. close: the connection, at the recipient.
cut: taken, and the connection closed in the middle of the reply. lost: taken, and no word of it.
slow: taken, and told after `slowness`."""


class SmtpPeer(Faulty[Fault]):
    """`reply`, per stage, is said in place of yes. `gate`: set, it lets held replies go on.

    A mail server knows no idempotency: the same Message-ID again is another e-mail.
    """

    def __init__(
        self,
        *,
        certificate: Path | None = None,
        login: tuple[str, str] | None = None,
        seed: int = 1,
    ) -> None:
        """`certificate`: a PEM file with key, for STARTTLS, which is then required."""
        super().__init__(seed=seed)
        self.reply: dict[Literal["MAIL", "RCPT", "DATA"], str] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()
        """Set when a recipient has been named."""
        self.connections = 0
        self.left = asyncio.Event()
        """Set whenever a caller's connection ends."""
        self._certificate = certificate
        self._login = login
        self._protocols: list[Any] = []
        self._server: asyncio.Server | None = None

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if reply := self.reply.get("MAIL"):
            return reply
        envelope.fault = self.next_fault()
        if envelope.fault == "busy":
            return "450 4.7.1 too many, come again"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.asked.set()
        await self.gate.wait()
        if reply := self.reply.get("RCPT"):
            return reply
        if envelope.fault == "close":
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if reply := self.reply.get("DATA"):
            return reply
        if envelope.fault == "error":
            return "451 4.3.0 something broke"
        self.take(envelope)
        if envelope.fault == "slow":
            await self.be_slow()
        if envelope.fault == "cut":
            server.transport.write(b"250-Taken as n")
        if envelope.fault in ("cut", "lost"):
            server.transport.close()
        return "250 OK"

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def hang_up(self) -> None:
        """Close all connections, as servers do after a while."""
        for protocol in self._protocols:
            if protocol.transport is not None:
                protocol.transport.close()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self.gate.set()
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    def _connected(self) -> SMTP:
        self.connections += 1
        protocol = _Protocol(
            self,
            left=self.left,
            hostname="peer.example",
            tls_context=_context(self._certificate) if self._certificate else None,
            require_starttls=self._certificate is not None,
            auth_required=self._login is not None,
            authenticator=self._authenticate if self._login else None,
            loop=asyncio.get_running_loop(),
        )
        self._protocols.append(protocol)
        return protocol

    def _authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        assert self._login is not None
        user, password = (part.encode() for part in self._login)
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (user, password)
        return AuthResult(success=known, handled=False)


class _Protocol(SMTP):
    def __init__(self, peer: SmtpPeer, *, left: asyncio.Event, **more: Any) -> None:
        super().__init__(peer, **more)
        self._left = left

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._left.set()


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def self_signed(path: Path, name: str = "localhost") -> Path:
    """A new certificate with its key for `name`, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(hours=1))
        .not_valid_after(utc_now() + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    whole = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(whole + certificate.public_bytes(pem))
    return path
