"""Mail by SMTP: one recipient for each message, and security that is chosen and not hoped for."""

import asyncio
import ssl
from dataclasses import dataclass
from email.errors import MessageError
from typing import Literal

import aiosmtplib
from aiosmtplib.errors import SMTPException, SMTPResponseException, SMTPTimeoutError
from pydantic import SecretStr

from notifications.channels.base import DeliveryError, Message, Receipt
from notifications.channels.mail import Mail, message_id
from notifications.channels.quoting import quoted
from notifications.channels.watching import Watch, unwatched

TIMEOUT = 15.0
GOODBYE = 1.0

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in. `tls` is for servers whose certificate a private authority has signed."""

    host: str
    port: int = 587
    security: Security = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    tls: ssl.SSLContext | None = None


class Email:
    """Sends from `sender` to the message's recipient; the header shows all of `to`, so that all can reply.

    Without `to` it shows the recipient alone.
    """

    def __init__(
        self, server: SmtpServer, sender: str, to: tuple[str, ...], *, watch: Watch = unwatched
    ) -> None:
        self._server = server
        self._sender = sender
        self._to = to
        self._watch = watch

    async def send(self, message: Message) -> Receipt:
        recipient, visit = message.recipient or self._to[0], _Visit(self._server, self._watch)
        try:
            mail = Mail(message, self._sender, self._to or (recipient,)).as_bytes()
            answer = await visit.hand_in(self._sender, recipient, mail)
        except (SMTPException, OSError, ValueError, MessageError) as error:
            failure = visit.failure(error)
        else:
            return Receipt(message_id(message, self._sender), answer)
        raise failure


class _Visit:
    """One connection for one mail; knows how far it came, which decides what a lost connection means."""

    def __init__(self, server: SmtpServer, watch: Watch) -> None:
        self._server = server
        self._watch = watch
        self._handed_over = False
        self._transport: asyncio.BaseTransport | None = None
        self._client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=TIMEOUT,
            use_tls=server.security == "tls",
            start_tls=False,  # it is a step of its own, and not left out where it was asked for
            tls_context=server.tls,
            # Left out, the client would look its own name up, which may take longer than the sending.
            local_hostname="tocsin.invalid",
        )

    async def hand_in(self, sender: str, recipient: str, mail: bytes) -> str:
        """What the server said when it took the mail."""
        try:
            await self._connect()
            await self._log_in()
            with self._watch("envelope") as said:
                await self._client.mail(sender)
                await self._client.rcpt(recipient)
                said.append(f"from {sender} to {recipient}")
            self._handed_over = True
            accepted = await self._client.data(mail)
            await self._goodbye()
        finally:
            self._hang_up()
        return f"{accepted.code} {quoted(accepted.message, self._server.password)}"

    async def _connect(self) -> None:
        server = self._server
        with self._watch("connection") as said:
            await self._client.connect()
            said.append(f"port {server.port}")
        # The client forgets it when it closes, which it does politely, and that may take for ever.
        self._transport = self._client.transport
        with self._watch("encryption") as said:
            if server.security == "starttls":
                await self._client.starttls()
                self._transport = self._client.transport
            said.append(_encryption(self._transport))

    async def _log_in(self) -> None:
        username, password = self._server.username, self._server.password
        if username and password:
            with self._watch("login") as said:
                await self._client.login(username, password.get_secret_value())
                said.append(f"as {username}")

    def _hang_up(self) -> None:
        """Close the socket now: the polite end of TLS takes two, and the other may be gone."""
        self._client.close()
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()

    async def _goodbye(self) -> None:
        """The mail is theirs by now: a server that is slow to part must not turn this into a failure."""
        try:
            await self._client.quit(timeout=GOODBYE)
        except (SMTPException, OSError):
            return

    def failure(self, error: Exception) -> DeliveryError:
        """What an exception means: 5xx and a wrong certificate are final, the rest may pass."""
        server, secret = self._server, self._server.password
        if isinstance(error, SMTPResponseException):
            return DeliveryError(
                f"{server.host} answered {error.code}: {quoted(error.message, secret)}",
                permanent=500 <= error.code < 600,
            )
        if _certificate(error):
            return DeliveryError(f"{server.host}: its certificate is not to be trusted", permanent=True)
        lost = isinstance(error, OSError | SMTPTimeoutError)
        return DeliveryError(
            f"{server.host}: {quoted(str(error), secret)}",
            # What is neither an answer nor a lost connection is something that the server cannot do.
            permanent=not lost,
            ambiguous=lost and self._handed_over,
        )


def _encryption(transport: asyncio.BaseTransport | None) -> str:
    tls = transport.get_extra_info("ssl_object") if transport else None
    return str(tls.version()) if tls else "none"


def _certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
