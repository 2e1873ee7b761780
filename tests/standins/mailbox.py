"""A mail server on loopback with STARTTLS and a password, which keeps what it gets and fails when told to.

As a command, `python -m tests.standins.mailbox --port 2525 --into mails` writes each mail to a file.
"""

# ruff: noqa: N802 - aiosmtpd finds its methods by the names of SMTP's commands

import argparse
import asyncio
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import Enum
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.standins.certificates import Certificate, certificate
from tests.standins.thread import LoopThread

USER, PASSWORD = "tocsin", "stand-in p@ssw0rd"
HEAD = 64


class Fault(Enum):
    """What the server may do at a step instead of answering."""

    HANG = "hang"
    DROP = "drop"


class Step(Enum):
    """Where a visit may go wrong; READING is half way through a mail, TAKEN after its last dot."""

    GREETING = "greeting"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    READING = "reading"
    TAKEN = "taken"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it was handed in, and when, in seconds of the monotonic clock."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    encrypted: bool
    at: float

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def first_line(self) -> str:
        """What a phone shows beneath the subject."""
        return self.part("plain").splitlines()[0]

    def part(self, kind: str) -> str:
        """The text of its part `plain` or `html`."""
        body = self.message.get_body((kind,))
        assert body is not None, f"the mail has no {kind} part"
        return str(body.get_content())


class Mailbox(LoopThread):
    """Takes mail for everybody; `starttls` and `login` say what it offers and asks for.

    `script` holds what happens at a step, once each: a reply as `"451 4.3.0 try later"`, or a Fault.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        starttls: bool = True,
        login: bool = True,
        identity: Certificate | None = None,
        watch: Callable[[Mail], object] = lambda _mail: None,
    ) -> None:
        super().__init__()
        self.port = port
        self.mails: list[Mail] = []
        self._open: list[_Visit] = []
        self.script: dict[Step, deque[str | Fault]] = {step: deque() for step in Step}
        self.certificate = identity or certificate()
        self._starttls = starttls
        self._login = login
        self._watch = watch

    @property
    def visits(self) -> int:
        """How many connections there have been."""
        return len(self._open)

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._visit, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        for visit in self._open:
            visit.hang_up()
        await asyncio.sleep(0)

    def _visit(self) -> SMTP:
        visit = _Visit(
            self,
            hostname="stand-in.invalid",
            tls_context=self.certificate.server() if self._starttls else None,
            auth_required=self._login,
            auth_require_tls=self._starttls,
            authenticator=_authenticate if self._login else None,
            loop=asyncio.get_running_loop(),
        )
        self._open.append(visit)
        return visit

    def received(self, session: Session, envelope: Envelope) -> None:
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        mail = Mail(
            envelope.mail_from or "", tuple(envelope.rcpt_tos), raw, session.ssl is not None, time.monotonic()
        )
        self.mails.append(mail)
        self._watch(mail)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(server, _Visit)
        if not server.will_reply(Step.TAKEN):
            self.received(session, envelope)
        return await server.happens(Step.TAKEN) or "250 2.0.0 taken"


class _Visit(SMTP):
    """One connection, with a look into the script before each step."""

    def __init__(self, mailbox: Mailbox, **settings: object) -> None:
        super().__init__(mailbox, **settings)  # type: ignore[arg-type]
        self._mailbox = mailbox

    def hang_up(self) -> None:
        """Close the socket at once; under TLS that is the transport below."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    def will_reply(self, step: Step) -> bool:
        """Whether a reply is scripted for a step, in place of the proper one or of a fault."""
        return isinstance(next(iter(self._mailbox.script[step]), None), str)

    async def happens(self, step: Step) -> str | None:
        """The scripted reply of a step, None for the proper one; from a fault nobody comes back."""
        scripted = self._mailbox.script[step]
        what = scripted.popleft() if scripted else None
        if what is Fault.DROP:
            self.hang_up()
        if isinstance(what, Fault):
            await asyncio.Event().wait()
        return what if isinstance(what, str) else None

    async def _replied(self, step: Step) -> bool:
        reply = await self.happens(step)
        if reply:
            await self.push(reply)
        return reply is not None

    async def _handle_client(self) -> None:
        if not await self._replied(Step.GREETING):
            await super()._handle_client()

    async def smtp_STARTTLS(self, arg: str) -> None:
        if not await self._replied(Step.STARTTLS):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self._replied(Step.AUTH):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str) -> None:
        if not await self._replied(Step.MAIL):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        if not await self._replied(Step.RCPT):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if self._mailbox.script[Step.READING]:
            await self.push("354 go on")
            await self._reader.readexactly(HEAD)
            await self._replied(Step.READING)
            return
        await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        if not await self._replied(Step.QUIT):
            await super().smtp_QUIT(arg)


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: object
) -> AuthResult:
    right = isinstance(login, LoginPassword) and login == LoginPassword(USER.encode(), PASSWORD.encode())
    # Unless a failure says that it was not handled, the server stays silent and the client waits.
    return AuthResult(success=right, handled=False)


def main() -> None:
    parser = argparse.ArgumentParser(description="A mail server on loopback that writes mails to files.")
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--into", type=Path, default=Path("mails"))
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)

    def keep(mail: Mail) -> None:
        path = arguments.into / f"{time.time_ns()}.eml"
        path.write_bytes(mail.raw)
        sys.stdout.write(f"{path}: {mail.message['Subject']}\n")
        sys.stdout.flush()

    with Mailbox(arguments.port, starttls=False, login=False, watch=keep) as mailbox:
        sys.stdout.write(f"SMTP_HOST=127.0.0.1 SMTP_PORT={mailbox.port} SMTP_SECURITY=none\nCtrl-C ends.\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stdout.write("\n")


if __name__ == "__main__":
    main()
