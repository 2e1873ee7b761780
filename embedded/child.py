"""One running program: its process, its log, and the lock that says it lives."""

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil

from embedded.error import EmbeddedError
from embedded.identity import leashed
from embedded.log import Log
from embedded.program import Program

PAUSE = 0.02  # seconds between two looks at a process


class Child:
    """A program that runs as our child and ends with us.

    On Linux it gets the program's stop signal when the thread that called `start` ends, `kill -9` of the
    whole process included. Elsewhere it outlives us, and the next start of the same program ends it: it holds
    a lock on `HOME/run/NAME.lock` as long as it or anything that it started lives.
    """

    def __init__(self, program: Program, process: subprocess.Popen[bytes], log: Log) -> None:
        self.program = program
        self._process = process
        self._log = log

    @classmethod
    def start(cls, program: Program, home: Path) -> "Child":
        """Start `program`, ending first what an earlier run of it left; raises EmbeddedError."""
        lock = _claim(program, home)
        try:
            program.prepare()
            log = Log.open(home / "log" / f"{program.name}.log")
            process = subprocess.Popen(
                leashed(program.identity, program.argv, death_signal=program.stop_signal, lock=lock),
                env=dict(program.env),
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log.fileno,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C at the terminal is for us; we stop the children in order
            )
        finally:
            os.close(lock)
        return cls(program, process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    @property
    def ready(self) -> bool:
        return self.exit_code is None and self.program.ready()

    def wait_until_ready(self) -> None:
        """Wait for readiness, at most `program.start_within` seconds; else stop it, raise EmbeddedError."""
        deadline = time.monotonic() + self.program.start_within
        while not self.ready:
            if self.exit_code is not None:
                raise EmbeddedError(self.last_words())
            if time.monotonic() > deadline:
                self.stop()
                raise EmbeddedError(
                    f"{self.program.name} was not ready within {self.program.start_within:g} seconds and was "
                    f"stopped. {self._log.quote()}"
                )
            time.sleep(PAUSE)

    def last_words(self) -> str:
        """How it ended, with the end of its log, in sentences."""
        code = self.exit_code or 0
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"{self.program.name} {how}. {self._log.quote()}"

    def ask_to_stop(self) -> None:
        if self.exit_code is None:
            self._process.send_signal(self.program.stop_signal)

    def stop(self) -> None:
        """Ask it to stop, wait at most `program.stop_within` seconds, kill what is left and its children."""
        self.ask_to_stop()
        try:
            self._process.wait(self.program.stop_within)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self.bury()

    def bury(self) -> None:
        """Reap a dead child, end what it started and left behind, and close its log."""
        self._process.wait()
        _kill_group(self.pid)
        self._log.close()


def _claim(program: Program, home: Path) -> int:
    """Take the program's lock and return its descriptor; whoever still holds it is ended first."""
    path = home / "run" / f"{program.name}.lock"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _locked_within(lock, 0):
            _end_holder(program, path)
            _wait_for(lock, program, path)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _end_holder(program: Program, path: Path) -> None:
    pid, parent = _holder(path)
    if pid is None:
        return
    try:
        process = psutil.Process(pid)
        if parent == process.ppid() and process.status() != psutil.STATUS_ZOMBIE:
            raise EmbeddedError(
                f"{program.name} of {path.parent.parent} runs already, as process {pid}, and process "
                f"{parent} looks after it. Stop that one first, or set TOCSIN_HOME to another folder."
            )
        process.send_signal(program.stop_signal)
    except psutil.NoSuchProcess:
        _kill_group(pid)


def _holder(path: Path) -> tuple[int | None, int | None]:
    words = path.read_text("ascii").split()
    return (int(words[0]), int(words[1])) if len(words) == 2 else (None, None)


def _wait_for(lock: int, program: Program, path: Path) -> None:
    if _locked_within(lock, program.stop_within):
        return
    pid, _ = _holder(path)
    if pid is not None:
        _kill_group(pid)
    if not _locked_within(lock, program.stop_within):
        raise EmbeddedError(
            f"Processes of an earlier {program.name} still run and hold {path}; they did not end when they "
            "were asked to. End them, then start again."
        )


def _locked_within(lock: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(PAUSE)
        else:
            return True


def _kill_group(pid: int) -> None:
    """Kill the process group that `pid` leads or led; no other process gets that number while it lives."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # all gone, or (on macOS) only zombies are left
