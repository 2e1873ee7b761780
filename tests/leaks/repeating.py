"""Servers that fail and repeat in their answer whatever they were told, secrets included."""

import base64
import binascii
import socketserver
import threading
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.standins.http import HttpStandIn, Request


class RepeatingHttp(HttpStandIn):
    """Refuses every request, and tells its path, its headers and its body to whoever asks why."""

    async def proper(self, request: Request) -> web.StreamResponse:
        said = f"{request.method} {request.path} {dict(request.headers)} {request.body.decode()}"
        return web.Response(status=403, text=f"refused: {said}")

    @property
    def told(self) -> str:
        """Everything that it was told."""
        return "\n".join(f"{one.path} {dict(one.headers)}" for one in self.requests)


class _Session(socketserver.StreamRequestHandler):
    """As much of SMTP as it takes to be told a password."""

    def handle(self) -> None:
        self._say("220 repeating.example.com")
        while line := self.rfile.readline().decode().strip():
            match line.split(" ")[0].upper():
                case "EHLO" | "HELO":
                    self._say("250-repeating.example.com", "250 AUTH PLAIN LOGIN")
                case "AUTH":
                    self._refuse(line)
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("503 5.5.1 log in first")

    def _refuse(self, line: str) -> None:
        plain = _decoded(line.rsplit(" ", maxsplit=1)[-1])
        server = self.server
        assert isinstance(server, RepeatingMail)
        server.told += plain
        self._say(f"535 5.7.8 {line} means {plain} and is wrong")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


def _decoded(word: str) -> str:
    try:
        return base64.b64decode(word).decode().replace("\0", " ")
    except (binascii.Error, UnicodeDecodeError):
        return word


class RepeatingMail(socketserver.ThreadingTCPServer):
    """A mail server that lets nobody in; `told` is what it was told on the way."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.told = ""
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
