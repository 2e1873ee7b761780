"""A `tocsin up` under test: a process of its own, without a terminal or with one."""

import fcntl
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from embedded import EmbeddedPostgres
from tests.waiting import until

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "cli.main"]
ROWS = text("SELECT count(*) FROM system_metrics_history WHERE ts > :since")


@dataclass
class Up:
    """One run: its process, the home that it works in, and what it has said so far."""

    process: subprocess.Popen[bytes]
    home: Path
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text("utf-8", errors="replace")

    def family(self) -> list[psutil.Process]:
        """Everything that it has started and that still runs, whoever its parent is now."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def wait_for(self, word: str, *, within: float = 40) -> None:
        until(lambda: word in self.said or self.ended(), within=within, what=f"{word!r} to be said")
        assert word in self.said, self.said

    def ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(40)


@contextmanager
def up(home: Path, *, terminal: bool = False, environ: Mapping[str, str] | None = None) -> Iterator[Up]:
    """Run `tocsin up` until the end of the block; everything that it says is kept, a terminal's codes too."""
    output = home.with_name("said")
    with output.open("wb") as file, _screen(file) if terminal else nullcontext(file.fileno()) as stdout:
        process = subprocess.Popen(
            [*COMMAND, "up"],
            cwd="/",
            env=environment(home) | dict(environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=file,
            start_new_session=True,
        )
        try:
            yield Up(process, home, output)
        finally:
            process.kill()
            process.wait()


def environment(home: Path) -> dict[str, str]:
    """An environment of its own, with a port for Flower that nobody else has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "HOME": str(home.parent),
        "TERM": "xterm",
        "TOCSIN_HOME": str(home),
        "HOST_NAME": "web-1",
        "FLOWER_PORT": str(port),
    }


def command(
    home: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Another command on the same home, to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd="/",
        env=environ or environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def on_a_terminal(home: Path, *arguments: str, until: str, environ: Mapping[str, str]) -> tuple[int, str]:
    """Run a command on a terminal until it shows a word, press Ctrl-C, and answer how it ended."""
    output = home.with_name("shown")
    with output.open("wb") as file, _screen(file) as stdout:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd="/",
            env=environment(home) | dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stdout,
            start_new_session=True,
        )
        running = Up(process, home, output)
        try:
            running.wait_for(until)
            code = running.stop()
        finally:
            process.kill()
            process.wait()
    return code, output.read_text("utf-8", errors="replace")


def gone_from(home: Path) -> bool:
    """Whether nothing holds a lock of this home any more."""
    locks = [path.stat().st_ino for path in (home / "run").glob("*.lock")]
    held = Path("/proc/locks").read_text("ascii")
    return not any(f":{number} " in held for number in locks)


def rows(home: Path, since: str = "-infinity") -> int:
    """How many readings of machines the embedded Postgres has; none while it does not answer."""
    engine = create_engine(EmbeddedPostgres(home).url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(ROWS, {"since": since}).scalar_one())
    except OperationalError:
        return 0
    except Exception as error:
        if "does not exist" in str(error):
            return 0
        raise
    finally:
        engine.dispose()


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs any more; a zombie that nobody reaps does not run."""
    return not any(_runs(process) for process in processes)


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


@contextmanager
def _screen(file: BinaryIO) -> Iterator[int]:
    """A terminal of 80 by 24; what is shown on it goes to `file`."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    copying = threading.Thread(target=_copy, args=(leader, file))
    copying.start()
    try:
        yield follower
    finally:
        os.close(follower)
        copying.join()
        os.close(leader)


def _copy(leader: int, file: BinaryIO) -> None:
    # Linux answers with an error, and others with nothing, when the last one has closed the terminal.
    with suppress(OSError):
        while shown := os.read(leader, 4096):
            file.write(shown)
            file.flush()
