"""One running program: its process, its log, and the lock that says it lives."""

import os
import signal
import subprocess
import time
from pathlib import Path

from embedded.claim import claim, kill_group
from embedded.error import EmbeddedError, in_words
from embedded.folders import make_home
from embedded.identity import leashed
from embedded.log import Log
from embedded.program import Program

PAUSE = 0.02  # seconds between two looks at a process


class Child:
    """A program that runs as our child and ends with us.

    On Linux it gets the program's stop signal when the thread that called `start` ends, `kill -9` of the
    whole process included. Elsewhere it outlives us, and the next start of the same program ends it, by
    the lock of `embedded.claim`.
    """

    def __init__(self, program: Program, process: subprocess.Popen[bytes], log: Log) -> None:
        self.program = program
        self._process = process
        self._log = log
        self._buried = False

    @classmethod
    def start(cls, program: Program, home: Path) -> "Child":
        """Start `program`, ending first what an earlier run of it left; raises EmbeddedError."""
        with in_words(program.name, home):
            make_home(home)
            lock = claim(program, home)
            try:
                program.prepare()
                log = Log.begin(home / "log" / f"{program.name}.log")
                return cls(program, _spawn(program, log, lock), log)
            finally:
                os.close(lock)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        code = self._process.poll()
        if code is not None:
            self._bury()
        return code

    @property
    def ready(self) -> bool:
        return self.exit_code is None and self.program.ready()

    def wait_until_ready(self) -> None:
        """Wait for readiness, at most `program.start_within` seconds; else end it and raise EmbeddedError."""
        deadline = time.monotonic() + self.program.start_within
        while not self.ready:
            if self.exit_code is not None:
                raise EmbeddedError(self.last_words())
            if time.monotonic() > deadline:
                self.kill()
                raise EmbeddedError(self.overdue())
            time.sleep(PAUSE)

    def overdue(self) -> str:
        """That it was not ready in time, with the end of its log."""
        within = self.program.start_within
        return (
            f"{self.program.name} was not ready within {within:g} seconds and was ended. {self._log.quote()}"
        )

    def last_words(self) -> str:
        """How it ended, with the end of its log."""
        code = self.exit_code or 0
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"{self.program.name} {how}. {self._log.quote()}"

    def stop(self) -> None:
        """Ask it to stop, wait at most `program.stop_within` seconds, then kill it and what it started."""
        if self.exit_code is not None:
            return
        self._process.send_signal(self.program.stop_signal)
        try:
            self._process.wait(self.program.stop_within)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._bury()

    def kill(self) -> None:
        """End it and what it started at once."""
        if self.exit_code is None:
            self._process.kill()
            self._bury()

    def _bury(self) -> None:
        """Reap it and end what it left behind: once, because later its number may be somebody else's."""
        self._process.wait()
        if not self._buried:
            self._buried = True
            kill_group(self.pid)


def _spawn(program: Program, log: Log, lock: int) -> subprocess.Popen[bytes]:
    with log.appending() as output:
        return subprocess.Popen(
            leashed(program.identity, program.argv, death_signal=program.stop_signal, lock=lock),
            env=dict(program.env),
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            start_new_session=True,  # Ctrl-C at the terminal is for us; we stop the children in order
        )
